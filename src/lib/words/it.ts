import { itPrograms } from './programs-it.ts'
import { itRefusals } from './refusals-it.ts'
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

  refusals: itRefusals,
}
