/** All words of Nimbus in English. `[[…]]` quotes a label of Nimbus' screens. */
import type { ProviderTexts } from "../../provider.ts"
import { steps } from "./en-steps.ts"

const kept = "What you pasted may well be right; we keep it for 15 minutes."

/** English texts. */
export const en: ProviderTexts = {
  fields: {
    account_url: {
      label: "Nimbus address",
      hint: "The whole address of the page where your staff log in, copied from the browser.",
    },
    login_code: {
      label: "Login code",
      hint: "Of the API User, spelled exactly as in Nimbus.",
    },
    password: {
      label: "Password",
      hint: "The API User's password: 8 characters or more, not a passkey code.",
    },
    pin: {
      label: "2FA pin",
      hint: "The 6 digits that Nimbus has just sent. They work for five minutes.",
    },
  },
  stepOf: {
    account_url: "address",
    login_code: "employee",
    password: "password",
    pin: "password",
  },
  steps,
  repairs: {
    address_cleaned: "We left out signs around the Nimbus address that are not part of it.",
    scheme_added: "We put https:// in front of the Nimbus address.",
    fragment_dropped: "We left out the part of the Nimbus address behind the #.",
    login_code_trimmed: "We removed spaces around the login code.",
    password_trimmed:
      "We removed an invisible character that came along when the password was copied.",
  },
  problems: {
    missing: {
      title: "This box is still empty.",
      text: "“Where do I find it?” shows where it is.",
    },
    too_long: {
      title: "This is longer than Nimbus uses.",
      text: "Perhaps more was copied than this one value. Copy it once more.",
    },
    address_malformed: {
      title: "This is not a web address.",
      text: "Open the Nimbus login page of your staff and copy everything in the address bar.",
    },
    address_userinfo: {
      title: "There is a name or password inside this address.",
      text: "Remove everything up to and including the @, or copy the address from the browser again.",
    },
    address_not_https: {
      title: "This address is not protected.",
      text: "A password should only travel over https. Use {suggestion} instead.",
    },
    address_ip: {
      title: "This address is a number, not a name.",
      text: "Copy the address that your staff use to log in to Nimbus; it starts with a name.",
    },
    welcome_link: {
      title: "This is the link from the Welcome e-mail.",
      text: "It is for choosing the password and works only once. Copy the address of your usual Nimbus login page instead.",
    },
    host_not_allowed: {
      title: "We do not know this address as a Nimbus address.",
      text: "We sent nothing. Copy the address from the page where your staff log in. If it is the right one, ask {app} to have it added.",
    },
    wrong_address: {
      title: "Nimbus has no account at this address.",
      text: "Open the login page that your staff use and copy the whole address.",
    },
    client_address: {
      title: "This is the login page for clients.",
      text: "An API User is staff. Copy the address of the page where your staff log in.",
    },
    login_code_colon: {
      title: "This login code cannot be used here.",
      text: "We sent nothing, because a colon in a login code gets lost on the way. Give the API User a login code without one.",
    },
    wrong_password: {
      title: "Nimbus did not accept this login code and password.",
      text: "Look both up once more before you check again. Nimbus locks a user after five wrong tries, so we stop after two.",
    },
    nearly_locked: {
      title: "Let's stop here.",
      text: "The last tries were refused, and Nimbus locks a user after five. Reset the password in Nimbus first, then tick the box below.",
    },
    locked: {
      title: "This user is locked in Nimbus.",
      text: "Only a password reset by e-mail opens it again: choose [[Forgot password]] on the Nimbus login page. Then paste the new password here.",
    },
    login_disabled: {
      title: "This user may not log in.",
      text: "The login of this employee is switched off in Nimbus. An administrator can switch it on under [[Admin]], [[Manage Employees]].",
    },
    sso: {
      title: "This user logs in through another system.",
      text: "Nimbus sends it on to Microsoft, Practice Protect or Xero, where an app cannot follow. Use an API User with a password of its own; the steps show how to set one.",
    },
    password_not_set: {
      title: "This user has no password yet.",
      text: "Open the link [[Account Login]] in the Welcome e-mail and choose one. No e-mail? An administrator can click [[Send Welcome Email]].",
    },
    password_short: {
      title: "This is too short for a Nimbus password.",
      text: "Nimbus asks for 8 characters or more. Perhaps a part was left out in copying.",
    },
    passkey: {
      title: "This looks like a passkey code, not a password.",
      text: "An API User needs a password, because {app} works while you are away. Choose [[Password]] as its login type in Nimbus.",
    },
    pin_required: {
      title: "Nimbus has sent a 6-digit pin.",
      text: "It comes by e-mail or text message: type it within five minutes. Nimbus will ask again when {app} works alone, so take 2FA off this API User: an administrator sends the Welcome e-mail once more and clears [[Use 2FA Pin]] on that screen.",
    },
    pin_malformed: {
      title: "The pin has 6 digits.",
      text: "Look in the newest e-mail or text message from Nimbus and type the six digits.",
    },
    pin_wrong: {
      title: "Nimbus did not accept this pin.",
      text: "Your login code and password are right. A pin works for five minutes: empty the box and check again, and Nimbus sends a new one.",
    },
  },
  troubles: {
    no_profile: {
      title: "We cannot check this with Nimbus from here.",
      text: "We keep it safe as you typed it; {app} will tell you if it does not work.",
    },
    throttled: {
      title: "Nimbus asks us to wait a little.",
      text: `${kept} Check again in a moment.`,
    },
    down: {
      title: "We could not reach Nimbus.",
      text: `${kept} Check again in a moment.`,
    },
    timeout: {
      title: "Nimbus did not answer in time.",
      text: `${kept} Check again in a moment.`,
    },
    garbled: {
      title: "Nimbus answered something we cannot read.",
      text: "That says nothing about your password. Look whether the address is the one of your Nimbus login page, then check again.",
    },
    redirected: {
      title: "Nimbus sent us on to another page.",
      text: "We did not follow, to keep your password where it belongs. Look whether the address is the one of your Nimbus login page, then check again.",
    },
  },
  notices: {
    not_api_user: {
      title: "This works, but it is an ordinary employee.",
      text: "An API User costs no subscription and has no menus: tick [[API User]] on the [[Access]] tab. Connect anyway, or change it first.",
    },
    no_status: {
      title: "This works, but no workflow status is open to it.",
      text: "{app} can then not give a document a status. Add some on the [[Doc. Mgt.]] tab, or put the API User in a Team that has them. Connect anyway, or change it first.",
    },
    login_in_use: {
      title: "This works, but another app uses this API User already.",
      text: "Make one for each app: then you can stop one without the other, and Nimbus shows who did what. Connect anyway, or make a new one first.",
    },
    pin_enforced: {
      title: "This works, but Nimbus wanted a pin.",
      text: "Nimbus will ask again when {app} works alone, and nobody will be there to type it. Take 2FA off this API User: an administrator sends the Welcome e-mail once more and clears [[Use 2FA Pin]] on that screen.",
    },
  },
  bundles: {
    api: "everything that this API User may do in Nimbus: read, add and change documents",
  },
  permissionGroups: {},
  narrower: [
    {
      title: "Should {app} see less?",
      text: "We do not leave anything out: {app} may do what this API User may do. In Nimbus, the tab [[Doc. Mgt.]] and the Teams of the API User say which statuses it can use. What else can be limited, Nimbus' own help can tell.",
    },
  ],
  withdraw: [
    "In Nimbus, choose [[Admin]], then [[Manage Employees]], and open the API User of {app}. Remove it, or switch its login off; what the button is called can differ. Nothing else stops, if you made it only for {app}.",
    "Do not only untick [[API User]]: that makes it an ordinary employee, whose password may go on working.",
  ],
  sights: {},
}
