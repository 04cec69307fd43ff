/** The guide in English: from an administrator's Nimbus to an API User with a password. */
import type { Step } from "../../provider.ts"

/** The steps, in the order in which Nimbus wants them. */
export const steps: readonly Step[] = [
  {
    id: "what",
    title: "What you are going to make",
    paragraphs: [
      "{app} gets its own employee in Nimbus: an API User. It is an employee with one box ticked, which lets another program into your account on your behalf.",
      "Nimbus charges no subscription for an API User. Whoever logs in with it in a browser sees no menus.",
      "Make a new one for {app}, even if you have one for another program. Then you can stop one without the other.",
    ],
  },
  {
    id: "admin",
    title: "Open the list of employees",
    paragraphs: [
      "Log in to Nimbus as an administrator.",
      "Choose [[Admin]] in the menu panel, then [[Manage Employees]].",
      "Click the icon [[New Employee]] at the top right of the toolbar.",
    ],
  },
  {
    id: "employee",
    title: "Name the new employee",
    paragraphs: [
      "Fill in [[Login Code]], [[Salutation]], [[First Name]], [[Surname]] and [[Email]].",
      "Login code and names are yours to choose. Pick something that says what it is for, such as the name of {app}.",
      "The e-mail address must be one that you can read: the Welcome e-mail goes there, and you need it to choose a password.",
      "Type the same login code here.",
    ],
  },
  {
    id: "access",
    title: "Make it an API User",
    paragraphs: [
      "On the tab [[Access]], tick [[API User]].",
      "The other menu items lose their ticks and turn grey. That is as it should be.",
    ],
  },
  {
    id: "statuses",
    title: "Give it workflow statuses",
    paragraphs: [
      "On the tab [[Doc. Mgt.]] you may add the workflow statuses that {app} can choose from when it files a document.",
      "Do you have Teams with workflow statuses? Then you can add the API User to those instead.",
    ],
  },
  {
    id: "update",
    title: "Save, and wait for the e-mail",
    paragraphs: [
      "Click [[Update]]. The API User now stands in the grid [[Employees]].",
      "Nimbus sends a Welcome e-mail to the address that you gave. Nothing there? Click the icon [[Send Welcome Email]].",
    ],
  },
  {
    id: "welcome",
    title: "Open the link in the e-mail",
    paragraphs: [
      "Click [[Account Login]] in the Welcome e-mail. The screen [[First Password]] opens in your browser.",
      "Do you land on Microsoft, Practice Protect or Xero instead? Then your Nimbus logs in through them, and the link needs an addition:",
      "Right-click [[Account Login]] in the e-mail and copy the link. Paste it into the address bar and, before you open it, type &ssooverride=yes behind it.",
      "Press Enter. Now [[First Password]] appears.",
    ],
  },
  {
    id: "password",
    title: "Choose the password",
    paragraphs: [
      "Enter a [[Password]] and, if Nimbus asks for one, the [[2FA Pin]] that it sends. Click [[Login]].",
      "Do not choose the login type [[Passkey]]: its code changes all the time, and {app} works while you are away.",
      "Paste the same password here.",
    ],
  },
  {
    id: "address",
    title: "Copy the address",
    paragraphs: [
      "You now see the home page of your Nimbus account: the API User is ready.",
      "Log out, so that you are on the login page of your staff, and copy the whole address from the address bar. Not the link from the e-mail, which works only once, and not the login page of your clients.",
    ],
  },
]
