/** The guide in English: from an administrator's Nimbus to an API User with a password. */
import type { Step } from "../../provider.ts"

const link = { href: "{account_url}", text: "Open Nimbus" }

/** The steps, in the order in which Nimbus wants them. */
export const steps: readonly Step[] = [
  {
    id: "what",
    title: "What you are going to make",
    paragraphs: [
      "{app} gets its own employee in Nimbus: an API User. That is an employee with one box ticked, which lets another program into your account on your behalf.",
      "Nimbus charges no subscription for it. Whoever logs in with it in a browser sees no menus.",
      "Make a new one for {app}, even if you have one for another program. Then you can stop one without the other.",
      "Words in quotation marks stand on Nimbus' screens exactly so.",
    ],
    picture: {
      title: "Employees",
      rows: [{ label: "" }, { label: "{app}", control: "API User" }, { label: "" }],
      hot: "{app}",
      alt: "The list of employees in Nimbus: a new line, {app}, is marked. It is an API User.",
    },
  },
  {
    id: "admin",
    title: "Open the list of employees",
    paragraphs: [
      "Log in to Nimbus as an administrator.",
      "Choose [[Admin]] in the menu panel, then [[Manage Employees]].",
      "Click the icon [[New Employee]] at the top right of the toolbar.",
    ],
    picture: {
      menu: "New Employee",
      sidebar: ["", "", "Admin"],
      rows: [{ label: "Manage Employees" }, { label: "" }],
      hot: "New Employee",
      alt: "Nimbus: Admin in the menu panel, Manage Employees beside it, and New Employee marked at the top right.",
    },
    link,
  },
  {
    id: "employee",
    title: "Name the new employee",
    paragraphs: [
      "Fill in [[Login Code]], [[Salutation]], [[First Name]], [[Surname]] and [[Email]].",
      "Login code and names are yours to choose. Pick something that tells you later that this is an API User, and for which program:",
      "The e-mail address must be one that you can read. The Welcome e-mail goes there, and you need it to choose a password.",
      "Type the same login code on this page.",
    ],
    copies: [
      { label: "Login Code", value: "{app_code}" },
      { label: "First Name", value: "{app}" },
      { label: "Surname", value: "API User" },
    ],
    picture: {
      title: "New Employee",
      rows: [
        { label: "Login Code", control: "{app_code}" },
        { label: "Salutation", control: "▾" },
        { label: "First Name", control: "{app}" },
        { label: "Surname", control: "API User" },
        { label: "Email", control: "you@firm.example" },
      ],
      hot: "Email",
      alt: "The form New Employee with its five boxes: Email is marked, because it must be a real address.",
    },
  },
  {
    id: "access",
    title: "Make it an API User",
    paragraphs: [
      "On the tab [[Access]], tick [[API User]].",
      "The other menu items lose their ticks and turn grey. That is as it should be.",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [
        { label: "API User", control: "✓" },
        { label: "", control: "" },
        { label: "", control: "" },
      ],
      hot: "API User",
      alt: "The tab Access: the tick box behind API User is marked. The boxes below it are empty.",
    },
  },
  {
    id: "statuses",
    title: "Give it workflow statuses",
    paragraphs: [
      "On the tab [[Doc. Mgt.]] you may add the workflow statuses that {app} can choose from when it files a document.",
      "Do you have Teams with workflow statuses? Then you can add the API User to those instead.",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [
        { label: "", control: "✓" },
        { label: "", control: "" },
      ],
      hot: "Doc. Mgt.",
      alt: "The tabs of the new employee: Doc. Mgt. is marked. Below it is a list of workflow statuses.",
    },
  },
  {
    id: "update",
    title: "Save, and wait for the e-mail",
    paragraphs: [
      "Click [[Update]]. The API User now stands in the grid [[Employees]].",
      "Nimbus sends a Welcome e-mail to the address that you gave. Nothing there? Click the icon [[Send Welcome Email]].",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [{ label: "" }],
      button: "Update",
      hot: "Update",
      alt: "The form of the new employee: the button Update is marked.",
    },
  },
  {
    id: "welcome",
    title: "Open the link in the e-mail",
    paragraphs: [
      "Click [[Account Login]] in the Welcome e-mail. The screen [[First Password]] opens in your browser.",
      "Something else opens? Then the next step helps.",
    ],
    picture: {
      title: "Welcome",
      rows: [{ label: "" }, { label: "" }],
      button: "Account Login",
      hot: "Account Login",
      alt: "The Welcome e-mail: the link Account Login is marked.",
    },
  },
  {
    id: "sso",
    title: "If you land on Microsoft, Practice Protect or Xero",
    paragraphs: [
      "Then your Nimbus logs in through them, and the link needs an addition. If [[First Password]] opened, skip this.",
      "Right-click [[Account Login]] in the e-mail and copy the link. Paste it into the address bar and do not open it yet: first type `&ssooverride=yes` at its end.",
      "Press Enter. Now [[First Password]] appears.",
    ],
    linkSuffix: {
      label: "Or paste the copied link here, and we add it. It stays in your browser.",
      suffix: "&ssooverride=yes",
      result: "Copy this into the address bar:",
    },
    picture: {
      address: "https://…&ssooverride=yes",
      title: "First Password",
      rows: [{ label: "" }],
      hot: "https://…&ssooverride=yes",
      alt: "The address bar, marked: the copied link with &ssooverride=yes at its end. Below it is the screen First Password.",
    },
  },
  {
    id: "password",
    title: "Choose the password",
    paragraphs: [
      "Enter a [[Password]] and, if Nimbus asks for one, the [[2FA Pin]] that it sends. Click [[Login]].",
      "Do not choose the login type [[Passkey]]: its code changes all the time, and {app} works while you are away.",
      "Paste the same password on this page.",
    ],
    picture: {
      title: "First Password",
      rows: [
        { label: "Password", control: "••••••••••" },
        { label: "2FA Pin", control: "••••••" },
      ],
      button: "Login",
      hot: "Password",
      alt: "The screen First Password: the box Password is marked. Below it are 2FA Pin and the button Login.",
    },
  },
  {
    id: "address",
    title: "Copy the address",
    paragraphs: [
      "You now see the home page of your Nimbus account: the API User is ready for {app}.",
      "Log out, so that you are on the login page of your staff, and copy the whole address from the address bar. Not the link from the e-mail, which works only once, and not the login page of your clients.",
    ],
    picture: {
      address: "https://…",
      rows: [
        { label: "Login Code", control: "{app_code}" },
        { label: "Password", control: "••••••••••" },
      ],
      button: "Login",
      hot: "https://…",
      alt: "The login page of your staff: the whole address in the address bar is marked.",
    },
    link,
  },
]
