import { itPrograms } from './programs-it.ts'
import type { Texts } from './texts.ts'

export const it: Texts = {
  requestNumber: 'Numero della richiesta',
  protectedBy: 'Protetto da Gatehouse',
  help: 'Richiedi assistenza',
  toHome: 'Vai alla pagina iniziale',
  continue: 'Continua',
  signIn: 'Accedi',
  signInAgain: 'Accedi di nuovo',
  signInNewTab: 'Accedi in una nuova scheda',
  reloadTab: 'Torni a questa scheda e la ricarichi.',
  tryAgain: 'Riprova',
  otherAccount: 'Usa un altro account',
  signOut: 'Esci',
  youAre: 'Accesso eseguito come {person}',

  signingIn: 'Accesso in corso',
  leadingOn: 'La stiamo reindirizzando alla pagina di accesso.',
  ifNothing: 'Se non succede nulla, {link}.',
  ifNothingLink: 'continui da qui',
  addressTooLong:
    "L'indirizzo di questa pagina è troppo lungo per essere conservato senza JavaScript.",

  continueWith: 'Continua con {provider}',
  orOther: 'Oppure con un altro account:',
  workEmail: 'Email aziendale',
  unknownEmail: "Non sappiamo come farla accedere con questo indirizzo. Verifichi l'ortografia.",
  unknownEmailListed:
    "Non sappiamo come farla accedere con questo indirizzo. Verifichi l'ortografia o scelga dall'elenco.",
  signInWith: 'Accedi con:',
  orSignInWith: 'Oppure accedi con:',
  noConnectionNext:
    'Se gestisce questo sito, aggiunga una connessione al provider di identità oppure ne abiliti una per questo sito. Le guide nella documentazione di Gatehouse mostrano ogni passaggio per Okta, Entra ID, OneLogin e altri provider di identità.',

  goOnTitle: 'Accedere di nuovo?',
  goOn: "Ha eseguito la disconnessione da {site}. L'accesso come {person} è ancora attivo.",
  continueAs: 'Continua come {person}',
  signedInWith: 'Accesso eseguito con {provider} come {person}',
  startAgain: "Questa pagina non si può aprire da sola: è un passaggio dell'accesso.",

  signedIn: 'Accesso eseguito',
  closeWindow: 'Può chiudere questa finestra e riprendere da dove aveva interrotto.',
  takingBack:
    "La stiamo reindirizzando alla pagina richiesta. Se non succede nulla, il browser non ne ha conservato l'indirizzo. Apra di nuovo il link oppure vada alla pagina iniziale.",

  switchTitle: 'Cambiare account?',
  switchAsk:
    'È appena terminato un altro accesso, per {person}. Se non lo ha avviato Lei, mantenga il Suo account.',
  keepAccount: 'Mantieni il mio account',
  switchTo: 'Passa a {person}',

  signOutTitle: 'Uscire?',
  signOutHere: 'Uscirà dal Suo account in questo browser.',
  signOutSites:
    "In questo browser potrebbe essere attivo l'accesso ad altri siti della Sua azienda.",
  signOutAll: 'Esci da tutti i siti',
  signOutOnly: 'Esci solo da {site}',
  signedOut: 'Disconnessione eseguita',
  stillAtSites:
    "In questo browser l'accesso agli altri siti della Sua azienda è ancora attivo. Se altre persone usano questo computer, esca anche da lì.",
  stillAtIdp:
    "L'accesso presso il Suo provider di identità potrebbe essere ancora attivo. Se altre persone usano questo computer, esca anche da lì.",
  wasSignedOut:
    "Qui la disconnessione era già avvenuta, ma l'accesso agli altri siti della Sua azienda potrebbe essere ancora attivo.",
  signOutThere: 'Esci anche da lì',
  signOutIdp: 'Esci qui e da {provider}',
  signOutAllIdp: 'Esci da tutti i siti e da {provider}',
  signedOutHere: 'Disconnessione eseguita qui',
  endedHere: 'La disconnessione da tutti i siti in questo browser è stata eseguita.',
  leadingToIdp: 'La portiamo a {provider}, per uscire anche da lì.',
  ifSilent: 'Se {provider} non risponde, {link}.',
  ifSilentLink: 'veda che cosa è terminato',
  idpAll: 'La disconnessione è stata eseguita anche da {provider}.',
  idpPartial:
    '{provider} ha eseguito la disconnessione, ma non da tutte le applicazioni che ha usato con esso. Se altre persone usano questo computer, chiuda il browser.',
  idpFailed:
    '{provider} non ha eseguito la disconnessione. Potrebbe essere ancora connesso lì. Se altre persone usano questo computer, esca anche da lì.',
  idpSilent:
    '{provider} non ha risposto. Potrebbe essere ancora connesso lì. Se altre persone usano questo computer, esca anche da lì.',
  idpUnverified:
    'Non è stato possibile verificare la risposta di {provider}. Potrebbe essere ancora connesso lì. Se altre persone usano questo computer, esca anche da lì.',
  byIdp: '{provider} ha eseguito la disconnessione, e quindi anche da tutti i siti qui.',
  tellingIdp: 'Comunichiamo a {provider} che la disconnessione qui è stata eseguita.',
  toSite: 'Continua su {site}',

  yourSites: 'I Suoi siti',
  noSites:
    "Qui non ha accesso ad alcun sito. Se se ne aspettava uno, chieda l'accesso al Suo amministratore.",
  searchSites: 'Cerca tra i Suoi siti',
  search: 'Cerca',
  foundNone: 'Nessuno dei Suoi {count} siti corrisponde a “{search}”.',
  foundOne: '{found} dei Suoi {count} siti corrisponde a “{search}”.',
  foundOther: '{found} dei Suoi {count} siti corrispondono a “{search}”.',
  showAll: 'Mostra tutti',
  whereSignedIn: 'Dove è attivo il Suo accesso',
  thisBrowser: 'Questo browser',
  unknownBrowser: 'Browser sconosciuto',
  browserOn: '{browser} su {system}',
  sinceSeen: 'Dal {since}, ultima attività: {seen}',
  seenNow: 'adesso',
  seenJustNow: 'meno di un minuto fa',
  boundAt: 'Legato al suo dispositivo su {sites}',
  atSites: 'Su {sites}',
  signOutHereLabel: 'Esci: questo browser',
  signOutLabel: 'Esci: {place}, dal {since}',
  signOutEverywhere: 'Esci da tutti i browser',
  ...itPrograms,
  formSignIn: 'Acceda per inviare questo modulo',
  formKept:
    "Non ha eseguito l'accesso, quindi il modulo non è stato ancora inviato. I dati inseriti restano in questa scheda per un'ora. Dopo l'accesso li rivedrà e deciderà se inviarli.",
  formKeptAnew:
    "È necessario un nuovo accesso, quindi il modulo non è stato ancora inviato. I dati inseriti restano in questa scheda per un'ora. Dopo l'accesso li rivedrà e deciderà se inviarli.",
  formHeld:
    "Non ha eseguito l'accesso, quindi il modulo non è stato ancora inviato. I dati inseriti non sono persi: lasci aperta questa scheda e non torni indietro.",
  formHeldAnew:
    'È necessario un nuovo accesso, quindi il modulo non è stato ancora inviato. I dati inseriti non sono persi: lasci aperta questa scheda e non torni indietro.',
  formReload:
    'Torni a questa scheda e la ricarichi. Se il browser lo chiede, scelga di inviare di nuovo il modulo.',
  formBack: 'Torni a questa scheda:',
  formContinue: 'Continua con il modulo',
  formSendTitle: 'Inviare questo modulo?',
  formSend:
    'Accesso eseguito come {person}. Questo modulo non è stato ancora inviato. Sarà inviato a {address}.',
  send: 'Invia',
  dontSend: 'Non inviare',
  fieldText: 'Testo',
  fieldForm: 'Modulo',
  bytesOne: '{count} byte',
  bytesOther: '{count} byte',
  moreFieldsOne: 'E {count} altro campo.',
  moreFieldsOther: 'E altri {count} campi.',

  needs: 'Questa pagina richiede: {missing}.',
  ruleSignIn: 'un accesso',
  ruleGroup: 'gruppo {name}',
  ruleGroupId: 'gruppo con id {id}',
  ruleEmail: 'indirizzo email {email}',
  ruleDomain: 'un indirizzo email di {domain}',
  ruleAttribute: 'attributo {name}',
  ruleConnection: 'connessione {name}',
  ruleService: 'servizio {name}',
  ruleOfConnection: '{rule} della connessione {name}',
  ruleCountry: 'paese {countries}',
  ruleIp: 'un indirizzo IP in {ranges}',
  ruleMethod: 'metodo {methods}',
  ruleContext: 'accesso tramite {classes}',
  ruleDevice: 'una sessione legata al dispositivo',
  ruleWithin: 'un accesso avvenuto meno di {time} fa',
  ruleHours: 'orario {hours}',
  ruleAny: 'almeno uno di ({rules})',
  ruleAll: 'tutti ({rules})',
  ruleNot: 'non ({rule})',
  ruleNotKnown: '{rule} (non noto: {facts})',
  or: 'o',
  days: ['dom', 'lun', 'mar', 'mer', 'gio', 'ven', 'sab'],
  facts: {
    connection: 'connessione',
    groups: 'gruppi',
    email: 'indirizzo email',
    attributes: 'attributi',
    country: 'paese',
    ip: 'indirizzo IP',
    method: 'metodo',
    authnContext: 'tipo di accesso',
    authnInstant: "ora dell'accesso",
    signedInAt: 'inizio della sessione',
    time: 'ora',
    session: 'sessione',
    device: 'dispositivo',
  },

  idpWords: {
    none: 'Non ha indicato il motivo.',
    AuthnFailed: 'Non ha potuto confermare la Sua identità.',
    NoAuthnContext: 'Non può farla accedere nel modo richiesto da questo sito.',
    RequestDenied: 'Non consente al Suo account di usare questo sito.',
    UnknownPrincipal: 'Non conosce il Suo account.',
  },

  refusals: {
    'internal-error': [
      'Si è verificato un errore',
      "L'errore è nostro, non Suo. Riprovi o contatti il Suo amministratore.",
    ],
    'temporarily-unavailable': [
      'Temporaneamente non disponibile',
      'Al momento non è possibile verificare il Suo accesso. Riprovi tra qualche secondo.',
    ],
    'device-needed': [
      'Questo browser deve essere legato al suo dispositivo',
      'Questo sito accetta solo browser che legano un accesso al dispositivo, così che nessuno possa usare altrove un cookie rubato. Chrome ed Edge su Windows possono farlo dalla versione 145, su un computer con TPM. Apra la pagina in uno di essi. Se è già uno di essi, acceda di nuovo.',
    ],
    'too-many-requests': [
      'Troppe richieste',
      'Dalla Sua rete sono arrivate molte richieste in un minuto. Attenda un minuto e riprovi.',
    ],
    'unknown-host': [
      'Sito non trovato',
      "A questo indirizzo non c'è alcun sito. Verifichi l'indirizzo o contatti il Suo amministratore.",
    ],
    'bad-address': [
      'Impossibile aprire questo indirizzo',
      "L'indirizzo o l'intestazione Host non è valido. Verifichi l'indirizzo.",
    ],
    'not-found': [
      'Pagina non trovata',
      "A questo indirizzo non c'è alcuna pagina. Verifichi l'ortografia.",
    ],
    'ambiguous-path': [
      'Impossibile aprire questo indirizzo',
      "L'indirizzo si può interpretare in più modi. Verifichi l'ortografia.",
    ],
    loop: [
      'Questo sito rimanda a sé stesso',
      "L'indirizzo dietro questo sito è il sito stesso, quindi la richiesta non finirebbe mai. Contatti il Suo amministratore.",
    ],
    'origin-failed': [
      'Questo sito non risponde',
      'Al momento il sito non è raggiungibile. Riprovi tra poco.',
    ],
    'origin-slow': [
      'Questo sito non risponde',
      'Il sito ha impiegato troppo tempo a rispondere. Riprovi tra poco.',
    ],
    'access-denied': [
      'Non ha accesso a questa pagina',
      "Se Le serve l'accesso, lo chieda al Suo amministratore e indichi il numero della richiesta riportato qui sotto.",
    ],
    'no-connection': [
      "L'accesso non è ancora configurato",
      'Nessuno può ancora accedere a questo sito, perché non è collegato ad alcun provider di identità.',
    ],
    'user-disabled': [
      'Il Suo account è disabilitato',
      'Il Suo account non può usare questo sito. Chieda al Suo amministratore di abilitarlo.',
    ],
    'not-provisioned': [
      'Qui non ha un account',
      'Questo sito non ha ancora un account per Lei. Chieda al Suo amministratore di aggiungerla. Se è appena stato fatto, riprovi.',
    ],
    'several-provisioned': [
      'Corrisponde più di un account',
      'Questo sito ha più account per Lei. Chieda al Suo amministratore di mantenerne uno solo.',
    ],
    'unknown-login': [
      'Ricominci',
      'Questo accesso ha richiesto troppo tempo o è stato avviato in un altro browser. Se vede sempre questa pagina, consenta i cookie per questo sito.',
    ],
    replayed: ['Ricominci', 'Questo accesso è già stato usato, e ognuno vale una volta sola.'],
    'session-not-kept': [
      "Non è stato possibile mantenere l'accesso",
      "Ha eseguito l'accesso tre volte in un minuto, e ogni volta il browser è tornato senza accesso. Attenda un minuto, elimini i cookie di questo sito e riprovi. Se non basta, comunichi al Suo amministratore il numero della richiesta riportato qui sotto.",
    ],
    'anew-in-vain': [
      'Accedere di nuovo non è bastato',
      "Ha eseguito di nuovo l'accesso tre volte in un minuto, e la pagina ne richiede ancora un altro. Comunichi al Suo amministratore il numero della richiesta riportato qui sotto.",
    ],
    'session-over': [
      'Il Suo accesso è scaduto',
      'Il Suo provider di identità segnala che la Sua sessione è terminata. Acceda di nuovo lì.',
    ],
    'authn-too-old': [
      'È necessario un nuovo accesso',
      'Il Suo provider di identità non Le ha chiesto di accedere di nuovo, ma ha usato un accesso precedente. Esca da lì, poi riprovi.',
    ],
    'authn-context': [
      'È necessario un altro tipo di accesso',
      'Questa pagina richiede un altro tipo di accesso, per esempio con un secondo fattore. Lo configuri presso il Suo provider di identità, poi riprovi o contatti il Suo amministratore.',
    ],
    'not-accepted': [
      'Accesso non riuscito',
      'La risposta del Suo provider di identità non è stata accettata. Riprovi o contatti il Suo amministratore.',
    ],
    'logout-refused': [
      'Questa disconnessione non è stata accettata',
      'Il Suo provider di identità ci ha chiesto di disconnetterLa, ma il suo messaggio non è stato accettato. Potrebbe essere ancora connesso qui. Esca da solo o contatti il Suo amministratore.',
    ],
    'logout-unknown': [
      'Questa disconnessione non può continuare',
      'È iniziata in un altro browser, o ha richiesto troppo tempo. Se non è sicuro di essere uscito, esca di nuovo.',
    ],
    status: [
      "Il Suo provider di identità non ha consentito l'accesso",
      'Riprovi o contatti il Suo amministratore.',
    ],
    'form-of-other': [
      "Questo modulo è di un'altra persona",
      "Questo modulo è stato compilato da un'altra persona, quindi non è stato inviato. Per inviarlo, acceda come quella persona entro un'ora.",
    ],
    'form-sent': [
      'Questo modulo è già stato inviato',
      'Verifichi se è arrivato prima di compilarlo di nuovo.',
    ],
    'form-spoilt': [
      'Questo modulo non si può più inviare',
      "Un modulo resta per un'ora nella scheda in cui è stato compilato. Lo compili di nuovo.",
    ],
    'form-of-other-site': [
      'Questo modulo non è stato inviato',
      'Proveniva da un altro sito, e questo sito accetta moduli solo dalle proprie pagine.',
    ],
  },
}
