/** The guide to an Nmbrs login, in Dutch. Screen labels are those of Nmbrs' own screens. */
import type { Step } from "../../provider.ts"

const link = { href: "https://{domain}.nmbrs.nl", text: "Naar {domain}.nmbrs.nl" }
const dutchScreen =
  "Staat je scherm in het Nederlands? De woorden zijn anders, de plekken hetzelfde."

export const steps: readonly Step[] = [
  {
    id: "administrator",
    title: "Kijk of je beheerder bent",
    paragraphs: [
      "Je hebt een beheerdersaccount in Nmbrs nodig, of een account dat een beheerder met je deelt. Alleen daarmee kun je maken wat {app} nodig heeft.",
      "Log in bij Nmbrs en open [[User Profile]], rechtsboven. Bij [[PROFILE]] hoort je account van het type [[Administrator]] te zijn.",
      "Staat er iets anders? Zoek uit wie bij jullie de beheerder is. Die kan je account het type [[Administrator]] geven, of deze stappen voor je doen.",
      dutchScreen,
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [{ label: "" }, { label: "", control: "Administrator" }],
      hot: "User Profile",
      alt: "Nmbrs: rechtsboven is User Profile gemarkeerd. Daaronder staat bij PROFILE: Administrator.",
    },
    link,
  },
  {
    id: "kind",
    title: "Business of Accountant",
    paragraphs: [
      "Werk je niet bij een accountantskantoor, dan is je Nmbrs een [[Business]]-omgeving. De stappen kloppen dan precies.",
      "Met [[Accountant]] werken ze ook, en {app} krijgt elke klant te zien die jouw login ziet.",
      "Maar één klant? Log in bij de eigen Business-omgeving van die klant, met een beheerdersaccount daar, en haal alles dáár vandaan.",
    ],
    picture: {
      title: "Accountant",
      rows: [{ label: "Klant A" }, { label: "Klant B" }, { label: "Klant C" }],
      hot: "Klant B",
      alt: "Een lijst met klanten in een Accountant-omgeving: de ene klant die je wilt delen is gemarkeerd.",
    },
  },
  {
    id: "address",
    title: "Zoek je Nmbrs-adres op",
    paragraphs: [
      "Het is het adres waar je inlogt. Open de pagina waar je bij Nmbrs inlogt en kijk in de adresbalk.",
      "Daar staat iets als voorbeeld.nmbrs.nl. Het eerste woord hebben we nodig, hier voorbeeld. Je mag ook het hele adres plakken.",
    ],
    picture: {
      address: "voorbeeld.nmbrs.nl",
      rows: [{ label: "" }, { label: "" }],
      hot: "voorbeeld.nmbrs.nl",
      alt: "De inlogpagina van Nmbrs: in de adresbalk is het adres voorbeeld.nmbrs.nl gemarkeerd.",
    },
  },
  {
    id: "token",
    title: "Maak het token",
    paragraphs: [
      "Nmbrs noemt de ingang voor andere programma's API. Een token is de sleutel daarvan: een lange code waarmee {app} op jouw naam naar binnen kan, zonder je wachtwoord.",
      "Log in bij Nmbrs, open [[User Profile]] rechtsboven en kies het tabblad [[API TOKEN]].",
      "Klik op [[Activate API Account]]. Nmbrs maakt dan een token en toont het, met een e-mailadres. Staan ze er al? Dan hoef je niets te klikken.",
      "Is dat tabblad er niet? Dan mag je account geen token maken. Vraag het je beheerder.",
      dutchScreen,
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      button: "Activate API Account",
      hot: "API TOKEN",
      alt: "De pagina USER PROFILE: het tabblad API TOKEN is gemarkeerd. Daaronder staat de knop Activate API Account.",
    },
    link,
  },
  {
    id: "paste",
    title: "Kopieer e-mail en token, en plak ze",
    paragraphs: [
      "Kopieer ze allebei van het tabblad [[API TOKEN]] naar de vakjes op deze pagina. Neem het e-mailadres dat bij het token staat.",
      "Klik op de knop onder de vakjes. We vragen Nmbrs of alles klopt, en zeggen het als er iets niet klopt.",
    ],
    picture: {
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [
        { label: "E-mail", control: "jij@voorbeeld.nl" },
        { label: "Token", control: "0a1b2c3d4e5f…" },
      ],
      hot: "Token",
      alt: "Het tabblad API TOKEN toont een e-mailadres en, gemarkeerd, een token. Kopieer ze allebei.",
    },
  },
  {
    id: "user-type",
    title: "Zoek je gebruikerstype op",
    onlyIfMissing: true,
    paragraphs: [
      "Dit kun je bijna altijd overslaan: in Nmbrs staat elk recht aan tot iemand het uitzet. Na de controle zie je welk recht ontbreekt.",
      "Nmbrs geeft deze rechten aan een gebruikerstype, niet aan een persoon. Wat je aanzet, geldt voor iedereen van dat type.",
      "Open [[User Profile]] rechtsboven. Je gebruikerstype staat bij [[PROFILE]]: schrijf het op, je hebt het zo nodig.",
      "Een beheerder heeft vaak [[Administrator Gebruiker (Client)]]. Ook [[(Scenario 3) General Manager Payroll & HR]] komt veel voor.",
    ],
    picture: {
      menu: "User Profile",
      title: "USER PROFILE",
      tabs: ["PROFILE", "API TOKEN"],
      rows: [{ label: "" }, { label: "User type", control: "Administrator Gebruiker" }],
      hot: "User type",
      alt: "Het deel PROFILE van de pagina USER PROFILE: het gebruikerstype, hier Administrator Gebruiker, is gemarkeerd.",
    },
    link,
  },
  {
    id: "templates",
    title: "Open de gebruikerssjablonen",
    onlyIfMissing: true,
    paragraphs: [
      "Klik op het tandwiel in de balk links, en dan op [[TEMPLATE USERS]]. Het kan ook [[USER TEMPLATES]] heten.",
      dutchScreen,
    ],
    picture: {
      sidebar: ["", "", "⚙"],
      rows: [{ label: "" }, { label: "TEMPLATE USERS" }, { label: "" }],
      hot: "⚙",
      alt: "De balk links: het tandwiel is gemarkeerd. Daarnaast staat TEMPLATE USERS.",
    },
  },
  {
    id: "user-rights",
    title: "Open de rechten van je gebruikerstype",
    onlyIfMissing: true,
    paragraphs: [
      "Scrol naar je gebruikerstype. Het hoort in het deel [[Master Client]] te staan.",
      "Is het [[Administrator Gebruiker]]? Zoek dan die naam, en klik op het tandwiel erachter, in de kolom [[API]].",
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
      alt: "Het deel Master Client: achter Administrator Gebruiker is het tandwiel in de kolom API gemarkeerd.",
    },
  },
  {
    id: "rights",
    title: "Zet aan wat {app} nodig heeft",
    onlyIfMissing: true,
    paragraphs: [
      "Kies bovenaan een dienst uit de lijst, zoals [[Employee Services]]. Vink de rechten aan die hieronder staan; op het scherm heten ze precies zo. Dan de volgende dienst.",
      "Deze lijst is voor {app}. Een ander programma heeft andere rechten nodig.",
      "Een wijziging geldt meteen en het token blijft hetzelfde. Kom hier terug en controleer opnieuw.",
    ],
    picture: {
      tabs: ["Employee Services ▾"],
      rows: [
        { label: "", control: "✓" },
        { label: "List_GetByCompany", control: "" },
        { label: "", control: "✓" },
      ],
      hot: "List_GetByCompany",
      alt: "De lijst Employee Services: het lege vakje achter List_GetByCompany is gemarkeerd.",
    },
  },
  {
    id: "absent",
    title: "Als het scherm of een vakje er niet is",
    onlyIfMissing: true,
    paragraphs: [
      "Geen tandwiel, of geen [[TEMPLATE USERS]] erachter? Dan mag je account dit niet wijzigen. Vraag je beheerder; bij sommige bedrijven is dat de accountant of het salariskantoor dat Nmbrs beheert.",
      "Is het vakje er niet? Kijk of je de goede dienst hebt: dezelfde naam kan in meer dan één staan. Nog steeds niets? Je contactpersoon bij Nmbrs kan het aanzetten.",
    ],
    picture: {
      sidebar: ["", "", "⚙"],
      rows: [{ label: "" }, { label: "" }, { label: "" }],
      hot: "⚙",
      alt: "De balk links: de plek waar het tandwiel hoort te staan is gemarkeerd.",
    },
  },
]
