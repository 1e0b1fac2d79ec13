import type { RefusalTexts } from './texts.ts'

export const itRefusals: RefusalTexts = {
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
}
