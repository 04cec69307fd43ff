/** What the page says about Nmbrs, in Dutch. */
import type { ProviderTexts } from "../../provider.ts"
import { steps } from "./nl-steps.ts"

const kept = "Wat je plakte kan prima kloppen; we bewaren het 15 minuten."

export const texts: ProviderTexts = {
  fields: {
    domain: {
      label: "Nmbrs-adres",
      hint: "Het woord vóór .nmbrs.nl waar je inlogt. Je mag ook het hele adres plakken.",
    },
    username: {
      label: "E-mailadres",
      hint: "Het adres dat Nmbrs bij het token toont.",
    },
    token: {
      label: "Je token",
      hint: "Uit User Profile, tabblad API TOKEN.",
    },
  },
  stepOf: { domain: "address", username: "paste", token: "token" },
  steps,
  repairs: {
    trimmed: "We hebben spaties en onzichtbare tekens weggelaten.",
    unquoted: "We hebben de aanhalingstekens weggehaald.",
    bearer_removed: "We hebben “Bearer” voor het token weggehaald.",
    subdomain_taken: "We hebben het eerste woord uit het adres genomen.",
    swapped: "We hebben je e-mail en token in de juiste vakjes gezet.",
  },
  problems: {
    missing: {
      title: "Dit vakje is nog leeg.",
      text: "Bij “Waar vind ik dit?” zie je waar het staat.",
    },
    too_long: {
      title: "Dit is langer dan het kan zijn.",
      text: "Misschien is er iets meegekomen. Kopieer het opnieuw, zonder iets erbij.",
    },
    domain_malformed: {
      title: "Dit is geen Nmbrs-adres.",
      text: "Het eindigt op .nmbrs.nl: open de pagina waar je inlogt en kopieer het adres.",
    },
    username_not_email: {
      title: "Dit is geen e-mailadres.",
      text: "Nmbrs toont het juiste bij [[User Profile]] → [[API TOKEN]], naast het token.",
    },
    token_malformed: {
      title: "Dit lijkt niet op een token.",
      text: "Het is één lange code zonder spaties. Kopieer het opnieuw uit [[User Profile]] → [[API TOKEN]].",
    },
    token_refused: {
      title: "Nmbrs kent dit token niet.",
      text: "Kopieer het opnieuw uit [[User Profile]] → [[API TOKEN]], met het e-mailadres dat erbij staat. Is het vernieuwd, dan werkt het oude niet meer.",
    },
    token_or_domain: {
      title: "Nmbrs kent dit token niet bij dit adres.",
      text: "Een van de twee is anders, en Nmbrs zei niet welke. Vergelijk het adres met de pagina waar je inlogt en kopieer daarna het token opnieuw uit [[User Profile]] → [[API TOKEN]].",
    },
    domain_wrong: {
      title: "Bijna goed: het adres is anders.",
      text: "Je e-mail en token werken. Ze horen bij `{suggestion}`.",
    },
    domain_unknown: {
      title: "Bijna goed: het adres is anders.",
      text: "Je e-mail en token werken. Open de pagina waar je bij Nmbrs inlogt en kopieer het adres.",
    },
    no_subscription: {
      title: "Dit Nmbrs-account staat uit.",
      text: "Nmbrs meldt dat er geen actief abonnement is. Je contactpersoon bij Nmbrs weet waarom.",
    },
  },
  troubles: {
    timeout: {
      title: "Nmbrs antwoordde niet op tijd.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    down: {
      title: "We kunnen Nmbrs niet bereiken.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    garbled: {
      title: "Nmbrs antwoordde iets wat we niet begrijpen.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    throttled: {
      title: "Nmbrs is druk en vraagt ons te wachten.",
      text: `${kept} Controleer over een paar minuten opnieuw.`,
    },
  },
  notices: {
    no_companies: {
      title: "Je token werkt, maar ziet geen bedrijven.",
      text: "Je login heeft een filter of nog geen toegang. Koppel toch, of vraag je beheerder.",
    },
    accountant: {
      title: "Je login ziet meer dan één klant.",
      text: "Het werkt, en {app} krijgt ze allemaal te zien. Gaat het om één klant? Gebruik dan een login van die klant.",
    },
  },
  bundles: {
    "companies.read": "je bedrijven: hun namen en nummers, en bij welke klant ze horen",
    "employees.read":
      "je medewerkers: namen, contactgegevens, data van het dienstverband en afdelingen, zonder BSN",
    "identity.read": "persoonlijke gegevens van je medewerkers, met hun BSN",
    "contracts.read": "de contracten en functies van je medewerkers",
    "salaries.read": "de salarissen van je medewerkers",
    "absences.read": "het verzuim en ander verlof van je medewerkers",
    "schedules.read": "de werktijden van je medewerkers per dag van de week",
    "hours.write": "de uren van je medewerkers: toevoegen, verbeteren en verwijderen",
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
    alt: "De lijst {group}: het lege vakje achter {permission} is gemarkeerd.",
  },
  narrower: [
    {
      title: "Gaat het om één bedrijf?",
      text: "Wij filteren niet op bedrijf: {app} ziet wat deze login ziet. Een beheerder kan in Nmbrs een login van de soort [[Master Client]] maken met een filter op dat ene bedrijf, en het token daarvan in het overzicht [[Logins]]. Plak hier het e-mailadres en token van die login.",
    },
    {
      title: "Gaat het om één klant?",
      text: "Ook op klant filteren wij niet. Log in bij de eigen Business-omgeving van die klant en maak het token daar. Of laat een beheerder van je Accountant-omgeving het doen: een login van de soort [[Master Client]] bij die klant, met het token in het overzicht [[Logins]] van die klant; of een [[Master Accountant]]-login met een tag voor alleen die klant.",
    },
  ],
  withdraw: [
    "Log bij Nmbrs in met het account dat je koppelde en open [[User Profile]] → [[API TOKEN]]. Vernieuw het token daar, of zet het uit; hoe de knop heet kan verschillen. Het oude token werkt meteen niet meer, ook niet voor andere programma's die het gebruiken.",
    "Een beheerder kan die login ook uit Nmbrs verwijderen.",
  ],
  sights: {
    debtors: { one: "{count} organisatie", many: "{count} organisaties" },
    companies: { one: "{count} bedrijf", many: "{count} bedrijven" },
  },
}
