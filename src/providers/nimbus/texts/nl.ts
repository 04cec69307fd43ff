/** All words of Nimbus in Dutch. `[[…]]` quotes a label of Nimbus' screens. */
import type { ProviderTexts } from "../../provider.ts"
import { steps } from "./nl-steps.ts"

const kept = "Wat je plakte kan prima kloppen; we bewaren het 15 minuten."

/** Dutch texts. */
export const nl: ProviderTexts = {
  fields: {
    account_url: {
      label: "Nimbus-adres",
      hint: "Het hele adres van de pagina waar je medewerkers inloggen, gekopieerd uit de browser.",
    },
    login_code: {
      label: "Login code van de API User",
      hint: "Precies zoals hij in Nimbus staat.",
    },
    password: {
      label: "Wachtwoord",
      hint: "Het wachtwoord van de API User: 8 tekens of meer, geen passkey-code.",
    },
    pin: {
      label: "2FA-pin",
      hint: "De 6 cijfers die Nimbus net heeft gestuurd. Ze werken vijf minuten.",
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
    address_cleaned: "We hebben tekens om het Nimbus-adres weggelaten die er niet bij horen.",
    scheme_added: "We hebben https:// voor het Nimbus-adres gezet.",
    fragment_dropped: "We hebben het deel van het Nimbus-adres achter de # weggelaten.",
    login_code_trimmed: "We hebben spaties rond de login code weggehaald.",
    password_trimmed:
      "We hebben een onzichtbaar teken weggehaald dat bij het kopiëren van het wachtwoord meekwam.",
  },
  problems: {
    missing: {
      title: "Dit vakje is nog leeg.",
      text: "Bij “Waar vind ik dit?” zie je waar het staat.",
    },
    too_long: {
      title: "Dit is langer dan Nimbus gebruikt.",
      text: "Misschien is er meer gekopieerd dan alleen dit. Kopieer het opnieuw.",
    },
    address_malformed: {
      title: "Dit is geen webadres.",
      text: "Open de inlogpagina van Nimbus voor je medewerkers en kopieer alles in de adresbalk.",
    },
    address_userinfo: {
      title: "Er staat een naam of wachtwoord in dit adres.",
      text: "Haal alles tot en met de @ weg, of kopieer het adres opnieuw uit de browser.",
    },
    address_not_https: {
      title: "Dit adres is niet beveiligd.",
      text: "Een wachtwoord hoort alleen over https te gaan. Gebruik liever {suggestion}.",
    },
    address_ip: {
      title: "Dit adres is een nummer, geen naam.",
      text: "Kopieer het adres waarmee je medewerkers bij Nimbus inloggen; het begint met een naam.",
    },
    welcome_link: {
      title: "Dit is de link uit de Welcome-mail.",
      text: "Die is om het wachtwoord te kiezen en werkt maar één keer. Kopieer het adres van je gewone inlogpagina van Nimbus.",
    },
    host_not_allowed: {
      title: "We kennen dit adres niet als een Nimbus-adres.",
      text: "We hebben niets verstuurd. Kopieer het adres van de pagina waar je medewerkers inloggen. Klopt het toch, vraag {app} dan om het toe te voegen.",
    },
    wrong_address: {
      title: "Nimbus heeft geen account op dit adres.",
      text: "Open de inlogpagina die je medewerkers gebruiken en kopieer het hele adres.",
    },
    client_address: {
      title: "Dit is de inlogpagina voor klanten.",
      text: "Een API User hoort bij de medewerkers. Kopieer het adres van de pagina waar je medewerkers inloggen.",
    },
    login_code_colon: {
      title: "Deze login code kunnen we hier niet gebruiken.",
      text: "We hebben niets verstuurd, want een dubbele punt in een login code gaat onderweg verloren. Geef de API User een login code zonder dubbele punt.",
    },
    wrong_password: {
      title: "Nimbus herkent deze login code met dit wachtwoord niet.",
      text: "Zoek ze allebei nog eens op voor je opnieuw controleert. Na vijf keer blokkeert Nimbus de gebruiker, dus wij stoppen na twee.",
    },
    nearly_locked: {
      title: "Laten we hier stoppen.",
      text: "De laatste pogingen zijn geweigerd, en na vijf blokkeert Nimbus de gebruiker. Vernieuw eerst het wachtwoord in Nimbus, en vink dan het vakje hieronder aan.",
    },
    locked: {
      title: "Deze gebruiker is geblokkeerd in Nimbus.",
      text: "Alleen een nieuw wachtwoord per e-mail opent hem weer: kies [[Forgot password]] op de inlogpagina van Nimbus. Plak daarna het nieuwe wachtwoord hier.",
    },
    login_disabled: {
      title: "Deze gebruiker mag niet inloggen.",
      text: "Het inloggen van deze medewerker staat uit in Nimbus. Een beheerder kan het aanzetten bij [[Admin]], [[Manage Employees]].",
    },
    sso: {
      title: "Deze gebruiker logt in via een ander systeem.",
      text: "Nimbus stuurt hem door naar Microsoft, Practice Protect of Xero, en daar kan een app niet mee. Gebruik een API User met een eigen wachtwoord; in de stappen zie je hoe je dat kiest.",
    },
    password_not_set: {
      title: "Deze gebruiker heeft nog geen wachtwoord.",
      text: "Open de link [[Account Login]] in de Welcome-mail en kies er een. Geen mail? Een beheerder kan op [[Send Welcome Email]] klikken.",
    },
    password_short: {
      title: "Dit is te kort voor een Nimbus-wachtwoord.",
      text: "Nimbus vraagt 8 tekens of meer. Misschien is er bij het kopiëren een stuk weggevallen.",
    },
    passkey: {
      title: "Dit lijkt een passkey-code, geen wachtwoord.",
      text: "Een API User heeft een wachtwoord nodig, omdat {app} ook werkt als jij er niet bent. Kies in Nimbus [[Password]] als manier van inloggen.",
    },
    pin_required: {
      title: "Nimbus heeft een pin van 6 cijfers gestuurd.",
      text: "Hij komt per e-mail of sms: typ hem binnen vijf minuten. Nimbus vraagt er weer om als {app} alleen werkt, dus haal 2FA van deze API User af: een beheerder stuurt de Welcome-mail opnieuw en zet op dat scherm [[Use 2FA Pin]] uit.",
    },
    pin_malformed: {
      title: "De pin heeft 6 cijfers.",
      text: "Kijk in de nieuwste e-mail of sms van Nimbus en typ de zes cijfers.",
    },
    pin_wrong: {
      title: "Nimbus herkent deze pin niet.",
      text: "Je login code en wachtwoord kloppen. Een pin werkt vijf minuten: maak het vakje leeg en controleer opnieuw, dan stuurt Nimbus een nieuwe.",
    },
  },
  troubles: {
    no_profile: {
      title: "We kunnen dit vanaf hier niet bij Nimbus controleren.",
      text: "We bewaren het veilig zoals je het typte; {app} laat het weten als het niet werkt.",
    },
    throttled: {
      title: "Nimbus vraagt ons even te wachten.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    down: {
      title: "We kunnen Nimbus niet bereiken.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    timeout: {
      title: "Nimbus antwoordde niet op tijd.",
      text: `${kept} Controleer zo opnieuw.`,
    },
    garbled: {
      title: "Nimbus antwoordde iets wat we niet kunnen lezen.",
      text: "Dat zegt niets over je wachtwoord. Kijk of het adres dat van je inlogpagina van Nimbus is, en controleer opnieuw.",
    },
    redirected: {
      title: "Nimbus stuurde ons door naar een andere pagina.",
      text: "We zijn niet meegegaan, zodat je wachtwoord blijft waar het hoort. Kijk of het adres dat van je inlogpagina van Nimbus is, en controleer opnieuw.",
    },
  },
  notices: {
    not_api_user: {
      title: "Dit werkt, maar het is een gewone medewerker.",
      text: "Een API User kost geen abonnement en heeft geen menu's: vink [[API User]] aan op het tabblad [[Access]]. Koppel toch, of wijzig dat eerst.",
    },
    no_status: {
      title: "Dit werkt, maar er is geen workflowstatus bij.",
      text: "{app} kan een document dan geen status geven. Voeg er een paar toe op het tabblad [[Doc. Mgt.]], of zet de API User in een Team dat ze heeft. Koppel toch, of wijzig dat eerst.",
    },
    login_in_use: {
      title: "Dit werkt, maar een andere app gebruikt deze API User al.",
      text: "Maak er voor elke app een: dan kun je de een stoppen zonder de ander, en zie je in Nimbus wie wat deed. Koppel toch, of maak eerst een nieuwe.",
    },
    pin_enforced: {
      title: "Dit werkt, maar Nimbus wilde een pin.",
      text: "Nimbus vraagt er weer om als {app} alleen werkt, en dan is er niemand om hem te typen. Haal 2FA van deze API User af: een beheerder stuurt de Welcome-mail opnieuw en zet op dat scherm [[Use 2FA Pin]] uit.",
    },
  },
  bundles: {
    api: "alles wat deze API User in Nimbus mag: documenten lezen, toevoegen en wijzigen",
  },
  permissionGroups: {},
  narrower: [
    {
      title: "Moet {app} minder zien?",
      text: "Wij laten niets weg: {app} mag wat deze API User mag. In Nimbus bepalen het tabblad [[Doc. Mgt.]] en de Teams van de API User welke statussen hij kan gebruiken. Wat er verder te beperken is, weet de hulp van Nimbus zelf.",
    },
  ],
  withdraw: [
    "Kies in Nimbus [[Admin]], dan [[Manage Employees]], en open de API User van {app}. Verwijder hem, of zet zijn login uit; hoe de knop heet kan verschillen. Verder stopt er niets, als je hem alleen voor {app} maakte.",
    "Haal niet alleen het vinkje bij [[API User]] weg: dan wordt het een gewone medewerker, wiens wachtwoord kan blijven werken.",
  ],
  sights: {},
}
