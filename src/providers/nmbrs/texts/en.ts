/** What the page says about Nmbrs, in English. */
import type { ProviderTexts } from "../../provider.ts"
import { steps } from "./en-steps.ts"

const kept = "What you pasted may well be right; we keep it for 15 minutes."

export const texts: ProviderTexts = {
  fields: {
    domain: {
      label: "Nmbrs address",
      hint: "The word before .nmbrs.nl where you log in. You may paste the whole address.",
    },
    username: {
      label: "E-mail address",
      hint: "The one that Nmbrs shows beside the token.",
    },
    token: {
      label: "Token",
      hint: "From User Profile, tab API TOKEN.",
    },
  },
  stepOf: { domain: "address", username: "paste", token: "token" },
  steps,
  repairs: {
    trimmed: "We left out spaces and invisible characters.",
    unquoted: "We took the quotation marks off.",
    bearer_removed: "We took “Bearer” off the token.",
    subdomain_taken: "We took the first word out of the address.",
    swapped: "We put your e-mail and token in the right boxes.",
  },
  problems: {
    missing: {
      title: "This box is still empty.",
      text: "“Where do I find it?” shows where it is.",
    },
    too_long: {
      title: "This is longer than it can be.",
      text: "Perhaps something else came along. Copy it once more, on its own.",
    },
    domain_malformed: {
      title: "This is not an Nmbrs address.",
      text: "It ends in .nmbrs.nl: open the page where you log in and copy its address.",
    },
    username_not_email: {
      title: "This is not an e-mail address.",
      text: "Nmbrs shows the right one under [[User Profile]] → [[API TOKEN]], beside the token.",
    },
    token_malformed: {
      title: "This does not look like a token.",
      text: "It is one long code without spaces. Copy it once more from [[User Profile]] → [[API TOKEN]].",
    },
    token_refused: {
      title: "Nmbrs does not know this token.",
      text: "Copy it once more from [[User Profile]] → [[API TOKEN]], with the e-mail address beside it. If it was reset, the old one no longer works.",
    },
    token_or_domain: {
      title: "Nmbrs does not know this token at this address.",
      text: "One of the two is different, and Nmbrs did not say which. Compare the address with the page where you log in, then copy the token once more from [[User Profile]] → [[API TOKEN]].",
    },
    domain_wrong: {
      title: "Nearly there: the address is a different one.",
      text: "Your e-mail and token work. They belong to `{suggestion}`.",
    },
    domain_unknown: {
      title: "Nearly there: the address is a different one.",
      text: "Your e-mail and token work. Open the page where you log in to Nmbrs and copy its address.",
    },
    no_subscription: {
      title: "This Nmbrs account is switched off.",
      text: "Nmbrs says it has no active subscription. Your Nmbrs contact can tell why.",
    },
  },
  troubles: {
    timeout: {
      title: "Nmbrs did not answer in time.",
      text: `${kept} Check again in a moment.`,
    },
    down: {
      title: "We could not reach Nmbrs.",
      text: `${kept} Check again in a moment.`,
    },
    garbled: {
      title: "Nmbrs answered something that we do not understand.",
      text: `${kept} Check again in a moment.`,
    },
    throttled: {
      title: "Nmbrs is busy and asks us to wait.",
      text: `${kept} Check again in a few minutes.`,
    },
  },
  notices: {
    no_companies: {
      title: "Your token works, but it sees no companies.",
      text: "Your login has a filter or no access yet. Connect anyway, or ask your administrator.",
    },
    accountant: {
      title: "Your login sees more than one client.",
      text: "It works, and {app} will see all of them. For one client only, use a login of that client.",
    },
  },
  bundles: {
    "companies.read": "your companies: their names and numbers, and which client they belong to",
    "employees.read":
      "your employees: names, contact details, employment dates and departments, without BSN",
    "identity.read": "personal details of your employees, with their BSN",
    "contracts.read": "your employees' contracts and job titles",
    "salaries.read": "your employees' salaries",
    "absences.read": "your employees' sick leave and other absence",
    "schedules.read": "your employees' working hours by day of the week",
    "hours.write": "your employees' hours: add, correct and remove them",
  },
  permissionGroups: {
    EmployeeService: "Employee Services",
    CompanyService: "Company Services",
    DebtorService: "Debtor Services",
    ReportService: "Report Services",
  },
  permissionPicture: {
    tabs: ["{group} ▾"],
    rows: [
      { label: "", control: "✓" },
      { label: "{permission}", control: "" },
      { label: "", control: "✓" },
    ],
    hot: "{permission}",
    alt: "The list {group}: the empty tick box behind {permission} is marked.",
  },
  narrower: [
    {
      title: "Only one company?",
      text: "We do not filter by company: {app} sees what this login sees. In Nmbrs an administrator can make a login of the kind [[Master Client]] with a filter on that one company, and its token in the overview [[Logins]]. Paste the e-mail and token of that login here.",
    },
    {
      title: "Only one client?",
      text: "We do not filter by client either. Log in to that client's own Business environment and make the token there. Or have an administrator of your Accountant environment do it: a login of the kind [[Master Client]] at that client, with its token in that client's overview [[Logins]]; or a [[Master Accountant]] login with a tag for that client only.",
    },
  ],
  withdraw: [
    "In Nmbrs, log in as the account that you connected and open [[User Profile]] → [[API TOKEN]]. Reset the token there, or switch it off; what the button is called can differ. The old token stops at once, also for every other program that uses it.",
    "An administrator can also remove that login from Nmbrs.",
  ],
  sights: {
    debtors: { one: "{count} organisation", many: "{count} organisations" },
    companies: { one: "{count} company", many: "{count} companies" },
  },
}
