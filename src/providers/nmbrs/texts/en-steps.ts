/** The guide to an Nmbrs login, in English. Screen labels are those of Nmbrs' own screens. */
import type { Step } from "../../provider.ts"

export const steps: readonly Step[] = [
  {
    id: "administrator",
    title: "See whether you are an administrator",
    paragraphs: [
      "Log in to Nmbrs and open [[User Profile]], at the top right. Look at the [[PROFILE]] part of the page: your account should be of the type [[Administrator]].",
      "Is it not? Find out who is the administrator at your company. They can give your account the type [[Administrator]], or do these steps in your place.",
      "Working with an administrator's login that was shared with you is fine too.",
    ],
  },
  {
    id: "kind",
    title: "Business or Accountant",
    paragraphs: [
      "Unless you are an accountancy firm, your Nmbrs is a [[Business]] one, and the steps fit as they are.",
      "With [[Accountant]] they work as well, and {app} gets to see every client that your login sees. For one client only, log in to that client's own Business environment with an administrator's account and take everything from there.",
    ],
  },
  {
    id: "address",
    title: "Find your Nmbrs address",
    paragraphs: [
      "Open the page where you log in to Nmbrs and look at the address bar. It says something like voorbeeld.nmbrs.nl: the first word is what we need, here voorbeeld.",
      "You may paste the whole address; we take the right word out of it.",
    ],
  },
  {
    id: "token",
    title: "Make the token",
    paragraphs: [
      "A token is a long code that lets {app} look into Nmbrs in your name, without your password.",
      "Log in to Nmbrs, open [[User Profile]] at the top right and choose the tab [[API TOKEN]].",
      "Press [[Activate API Account]]. Nmbrs now shows an e-mail address and a token. If they are there already, there is nothing to press.",
      "Copy both into the boxes here, then check them with the button below the boxes.",
    ],
  },
  {
    id: "permissions",
    title: "Switch rights on, if some are missing",
    paragraphs: [
      "Most accounts can skip this: rights are on until somebody switches them off. After the check you see which ones {app} needs and which are missing.",
      "First look up your user type under [[User Profile]], in the [[PROFILE]] part. For an administrator it is often [[Administrator Gebruiker (Client)]]; another usual one is [[(Scenario 3) General Manager Payroll & HR]].",
      "Then click the settings cog in the left bar and [[TEMPLATE USERS]], which may also be called [[USER TEMPLATES]].",
      "Scroll to your user type, usually in the [[Master Client]] part, and click the cog in its [[API]] column.",
      "Choose a service from the list, such as [[Employee Services]], and switch on the rights that we name. Do the same for each service that we name.",
      "It counts at once, and the token stays the same.",
    ],
  },
]
