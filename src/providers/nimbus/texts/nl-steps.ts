/** The guide in Dutch: from an administrator's Nimbus to an API User with a password. */
import type { Step } from "../../provider.ts"

const link = { href: "{account_url}", text: "Naar Nimbus" }

/** The steps, in the order in which Nimbus wants them. */
export const steps: readonly Step[] = [
  {
    id: "what",
    title: "Wat je gaat maken",
    paragraphs: [
      "{app} krijgt een eigen medewerker in Nimbus: een API User. Dat is een medewerker met één vinkje, waarmee een ander programma namens jou in je account kan.",
      "Nimbus rekent er geen abonnement voor. Wie er in een browser mee inlogt, ziet geen menu's.",
      "Maak een nieuwe voor {app}, ook als je er al een hebt voor een ander programma. Zo kun je de een stoppen zonder de ander.",
      "De schermen van Nimbus zijn Engels. Woorden tussen aanhalingstekens staan er precies zo.",
    ],
    picture: {
      title: "Employees",
      rows: [{ label: "" }, { label: "{app}", control: "API User" }, { label: "" }],
      hot: "{app}",
      alt: "De lijst met medewerkers in Nimbus: een nieuwe regel, {app}, is gemarkeerd. Het is een API User.",
    },
  },
  {
    id: "admin",
    title: "Open de lijst met medewerkers",
    paragraphs: [
      "Log bij Nimbus in als beheerder.",
      "Kies [[Admin]] in het menu, en dan [[Manage Employees]].",
      "Klik op het pictogram [[New Employee]], rechtsboven in de werkbalk.",
    ],
    picture: {
      menu: "New Employee",
      sidebar: ["", "", "Admin"],
      rows: [{ label: "Manage Employees" }, { label: "" }],
      hot: "New Employee",
      alt: "Nimbus: Admin in het menu, Manage Employees ernaast, en rechtsboven gemarkeerd New Employee.",
    },
    link,
  },
  {
    id: "employee",
    title: "Geef de nieuwe medewerker een naam",
    paragraphs: [
      "Vul [[Login Code]], [[Salutation]], [[First Name]], [[Surname]] en [[Email]] in.",
      "Login code en namen mag je zelf kiezen. Neem iets waaraan je later ziet dat dit een API User is, en voor welk programma:",
      "Het e-mailadres moet er een zijn dat je kunt lezen. Daar komt de Welcome-mail aan, en die heb je nodig om een wachtwoord te kiezen.",
      "Typ dezelfde login code op deze pagina.",
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
        { label: "Email", control: "jij@kantoor.example" },
      ],
      hot: "Email",
      alt: "Het formulier New Employee met zijn vijf vakjes: Email is gemarkeerd, want dat moet een echt adres zijn.",
    },
  },
  {
    id: "access",
    title: "Maak er een API User van",
    paragraphs: [
      "Vink op het tabblad [[Access]] het vakje [[API User]] aan.",
      "De andere menu-onderdelen verliezen hun vinkje en worden grijs. Dat hoort zo.",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [
        { label: "API User", control: "✓" },
        { label: "", control: "" },
        { label: "", control: "" },
      ],
      hot: "API User",
      alt: "Het tabblad Access: het vakje achter API User is gemarkeerd. De vakjes eronder zijn leeg.",
    },
  },
  {
    id: "statuses",
    title: "Geef hem workflowstatussen",
    paragraphs: [
      "Op het tabblad [[Doc. Mgt.]] kun je de workflowstatussen toevoegen waaruit {app} kan kiezen als het een document opbergt.",
      "Heb je Teams met workflowstatussen? Dan kun je de API User ook daaraan toevoegen.",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [
        { label: "", control: "✓" },
        { label: "", control: "" },
      ],
      hot: "Doc. Mgt.",
      alt: "De tabbladen van de nieuwe medewerker: Doc. Mgt. is gemarkeerd. Eronder staat een lijst met workflowstatussen.",
    },
  },
  {
    id: "update",
    title: "Sla op, en wacht op de mail",
    paragraphs: [
      "Klik op [[Update]]. De API User staat nu in de lijst [[Employees]].",
      "Nimbus stuurt een Welcome-mail naar het adres dat je opgaf. Niets gekregen? Klik op het pictogram [[Send Welcome Email]].",
    ],
    picture: {
      tabs: ["", "Access", "Doc. Mgt."],
      rows: [{ label: "" }],
      button: "Update",
      hot: "Update",
      alt: "Het formulier van de nieuwe medewerker: de knop Update is gemarkeerd.",
    },
  },
  {
    id: "welcome",
    title: "Open de link in de mail",
    paragraphs: [
      "Klik op [[Account Login]] in de Welcome-mail. Het scherm [[First Password]] opent in je browser.",
      "Opent er iets anders? Dan helpt de volgende stap.",
    ],
    picture: {
      title: "Welcome",
      rows: [{ label: "" }, { label: "" }],
      button: "Account Login",
      hot: "Account Login",
      alt: "De Welcome-mail: de link Account Login is gemarkeerd.",
    },
  },
  {
    id: "sso",
    title: "Als je bij Microsoft, Practice Protect of Xero uitkomt",
    paragraphs: [
      "Dan loopt het inloggen bij jullie via hen, en moet er iets achter de link. Opende [[First Password]] wel, sla dit dan over.",
      "Klik met rechts op [[Account Login]] in de mail en kopieer de link. Plak hem in de adresbalk en open hem nog niet: typ er eerst `&ssooverride=yes` achter.",
      "Druk op Enter. Nu verschijnt [[First Password]].",
    ],
    linkSuffix: {
      label:
        "Of plak de gekopieerde link hier, dan zetten wij het erachter. Hij blijft in je browser.",
      suffix: "&ssooverride=yes",
      result: "Kopieer dit naar de adresbalk:",
    },
    picture: {
      address: "https://…&ssooverride=yes",
      title: "First Password",
      rows: [{ label: "" }],
      hot: "https://…&ssooverride=yes",
      alt: "De adresbalk, gemarkeerd: de gekopieerde link met &ssooverride=yes erachter. Eronder het scherm First Password.",
    },
  },
  {
    id: "password",
    title: "Kies het wachtwoord",
    paragraphs: [
      "Vul een [[Password]] in en, als Nimbus erom vraagt, de [[2FA Pin]] die je krijgt. Klik op [[Login]].",
      "Kies niet voor [[Passkey]] als manier van inloggen: die code verandert steeds, en {app} werkt ook als jij er niet bent.",
      "Plak hetzelfde wachtwoord op deze pagina.",
    ],
    picture: {
      title: "First Password",
      rows: [
        { label: "Password", control: "••••••••••" },
        { label: "2FA Pin", control: "••••••" },
      ],
      button: "Login",
      hot: "Password",
      alt: "Het scherm First Password: het vakje Password is gemarkeerd. Eronder staan 2FA Pin en de knop Login.",
    },
  },
  {
    id: "address",
    title: "Kopieer het adres",
    paragraphs: [
      "Je ziet nu de beginpagina van je Nimbus-account: de API User is klaar voor {app}.",
      "Log uit, zodat je op de inlogpagina voor medewerkers komt, en kopieer het hele adres uit de adresbalk. Niet de link uit de mail, die maar één keer werkt, en niet de inlogpagina voor klanten.",
    ],
    picture: {
      address: "https://…",
      rows: [
        { label: "Login Code", control: "{app_code}" },
        { label: "Password", control: "••••••••••" },
      ],
      button: "Login",
      hot: "https://…",
      alt: "De inlogpagina voor medewerkers: het hele adres in de adresbalk is gemarkeerd.",
    },
    link,
  },
]
