/** The guide to an Nmbrs login, in English. Screen labels are those of Nmbrs' own screens. */
import type { Step } from "../../provider.ts"

const link = { href: "https://{domain}.nmbrs.nl", text: "Open {domain}.nmbrs.nl" }
const dutchScreen = "Is your screen in Dutch? The words differ, the places are the same."

export const steps: readonly Step[] = [
  {
    id: "administrator",
    title: "See whether you are an administrator",
    paragraphs: [
      "You need an administrator's account in Nmbrs, or one that an administrator shares with you. Only such an account can make what {app} needs.",
      "Log in to Nmbrs and open [[User Profile]], at the top right. In the [[PROFILE]] part, your account should be of the type [[Administrator]].",
      "It is another type? Find out who is the administrator at your company. They can give your account the type [[Administrator]], or do these steps in your place.",
      dutchScreen,
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [{ label: "" }, { label: "", control: "Administrator" }],
      hot: "User Profile",
      alt: "Nmbrs: at the top right, User Profile is marked. Below, the part PROFILE says Administrator.",
    },
    link,
  },
  {
    id: "kind",
    title: "Business or Accountant",
    paragraphs: [
      "Unless you work at an accountancy firm, your Nmbrs is a [[Business]] one. The steps fit as they are.",
      "With [[Accountant]] they work too, and {app} gets to see every client that your login sees.",
      "Only one client? Log in to that client's own Business environment, with an administrator's account there, and take everything from it.",
    ],
    picture: {
      title: "Accountant",
      rows: [{ label: "Client A" }, { label: "Client B" }, { label: "Client C" }],
      hot: "Client B",
      alt: "A list of clients in an Accountant environment: the one client to share is marked.",
    },
  },
  {
    id: "address",
    title: "Find your Nmbrs address",
    paragraphs: [
      "It is the address at which you log in. Open the page where you log in to Nmbrs and look at the address bar.",
      "It says something like voorbeeld.nmbrs.nl. The first word is what we need, here voorbeeld. You may paste the whole address.",
    ],
    picture: {
      address: "voorbeeld.nmbrs.nl",
      rows: [{ label: "" }, { label: "" }],
      hot: "voorbeeld.nmbrs.nl",
      alt: "The login page of Nmbrs: the address voorbeeld.nmbrs.nl is marked in the address bar.",
    },
  },
  {
    id: "token",
    title: "Make the token",
    paragraphs: [
      "Nmbrs says API for the way in for other programs. A token is the key to it: a long code that lets {app} in under your name, without your password.",
      "Log in to Nmbrs, open [[User Profile]] at the top right and choose the tab [[API TOKEN]].",
      "Press [[Activate API Account]]. Nmbrs then makes a token and shows it, with an e-mail address. Are they there already? Then there is nothing to press.",
      "No such tab? Then your account may not make a token. Ask your administrator.",
      dutchScreen,
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      button: "Activate API Account",
      hot: "API TOKEN",
      alt: "The page USER PROFILE: the tab API TOKEN is marked. Below it is the button Activate API Account.",
    },
    link,
  },
  {
    id: "paste",
    title: "Copy e-mail and token, and paste them",
    paragraphs: [
      "Copy both from the tab [[API TOKEN]] into the boxes on this page. The e-mail address must be the one beside the token.",
      "Press the button below the boxes. We ask Nmbrs whether everything is right, and tell you if something is not.",
    ],
    picture: {
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [
        { label: "E-mail", control: "you@voorbeeld.nl" },
        { label: "Token", control: "0a1b2c3d4e5f…" },
      ],
      hot: "Token",
      alt: "The tab API TOKEN shows an e-mail address and, marked, a token. Copy both.",
    },
  },
  {
    id: "user-type",
    title: "Look up your user type",
    onlyIfMissing: true,
    paragraphs: [
      "Nearly always you can skip this: in Nmbrs every right is on until somebody switches it off. After the check we show which one is missing.",
      "Nmbrs gives these rights to a user type, not to a person. What you switch on counts for everybody of that type.",
      "Open [[User Profile]] at the top right. Your user type stands in the [[PROFILE]] part: note it down, you need it in a moment.",
      "An administrator often has [[Administrator Gebruiker (Client)]]. Another usual one is [[(Scenario 3) General Manager Payroll & HR]].",
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [{ label: "" }, { label: "User type", control: "Administrator Gebruiker" }],
      hot: "User type",
      alt: "The part PROFILE of the page USER PROFILE: the user type, here Administrator Gebruiker, is marked.",
    },
    link,
  },
  {
    id: "templates",
    title: "Open the user templates",
    onlyIfMissing: true,
    paragraphs: [
      "Click the settings cog in the bar at the left, then [[TEMPLATE USERS]]. It may also be called [[USER TEMPLATES]].",
      dutchScreen,
    ],
    picture: {
      sidebar: ["", "", "⚙"],
      rows: [{ label: "" }, { label: "TEMPLATE USERS" }, { label: "" }],
      hot: "⚙",
      alt: "The bar at the left: the settings cog is marked. Beside it, the item TEMPLATE USERS.",
    },
  },
  {
    id: "user-rights",
    title: "Open the rights of your user type",
    onlyIfMissing: true,
    paragraphs: [
      "Scroll to your user type. It should stand in the section [[Master Client]].",
      "Is it [[Administrator Gebruiker]]? Then look for that name, and click the cog behind it, in the column [[API]].",
    ],
    picture: {
      sidebar: ["", "", "⚙"],
      title: "Master Client",
      rows: [
        { label: "", control: "API" },
        { label: "Administrator Gebruiker", control: "⚙" },
        { label: "", control: "⚙" },
      ],
      hot: "Administrator Gebruiker",
      alt: "The section Master Client: behind Administrator Gebruiker, the cog in the column API is marked.",
    },
  },
  {
    id: "rights",
    title: "Switch on what {app} needs",
    onlyIfMissing: true,
    paragraphs: [
      "Choose a service from the list at the top, such as [[Employee Services]]. Tick the rights that are listed below; on the screen they are called exactly the same. Then the next service.",
      "This list is for {app}. Another program needs other rights.",
      "A change counts at once and the token stays the same. Come back here and check again.",
    ],
    picture: {
      tabs: ["Employee Services ▾"],
      rows: [
        { label: "", control: "✓" },
        { label: "List_GetByCompany", control: "" },
        { label: "", control: "✓" },
      ],
      hot: "List_GetByCompany",
      alt: "The list of Employee Services: the empty tick box behind List_GetByCompany is marked.",
    },
  },
  {
    id: "absent",
    title: "If the screen or a tick box is not there",
    onlyIfMissing: true,
    paragraphs: [
      "No cog, or no [[TEMPLATE USERS]] behind it? Then your account may not change this. Ask your administrator; in some companies it is the accountant or payroll firm that looks after Nmbrs.",
      "No such tick box? Look whether you have the right service: the same name can stand in more than one. Still nothing? Your Nmbrs contact can switch it on.",
    ],
    picture: {
      sidebar: ["", "", "⚙"],
      rows: [{ label: "" }, { label: "" }, { label: "" }],
      hot: "⚙",
      alt: "The bar at the left: the place where the settings cog should be is marked.",
    },
  },
]
