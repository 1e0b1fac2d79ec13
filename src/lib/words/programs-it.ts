import type { ProgramTexts } from './texts.ts'

export const itPrograms: ProgramTexts = {
  grantTitle: 'Consentire a un programma di agire per te?',
  grantAsks: '{client} chiede l’accesso a {site}.',
  grantProgram: 'Il programma',
  grantListed: 'Il tuo amministratore ha registrato questo programma.',
  grantByDomain: 'Viene da {host}. Il tuo amministratore non lo ha verificato.',
  grantUnverified:
    'Qualsiasi programma su questo computer può usare questo nome. Consenti solo se lo hai appena avviato tu.',
  grantSite: 'Il sito',
  grantWhat: 'Che cosa può fare',
  grantMay: 'Tutto ciò che puoi fare tu: leggere, modificare ed eliminare.',
  grantHowLong: 'Per quanto tempo',
  grantUntil:
    'Al massimo fino al {until}. Uscire non lo revoca. Puoi revocare l’accesso in qualsiasi momento nella {home}.',
  grantHome: 'tua pagina iniziale',
  grantInName: 'A nome di',
  grantGoesTo: 'Poi passerai a {host}.',
  grantGoesHere: 'Poi passerai a un programma su questo computer.',
  grantAllow: 'Consenti',
  grantRefuse: 'Non consentire',
  grantBack: 'Ritorno al programma',
  grantLeading: 'Ti stiamo riportando a {client}.',
  grantBackLink: 'Torna al programma',
  grantClosed: 'Non hai accesso a {site}, quindi non puoi darne l’accesso a un programma.',
  grantFault: 'Il programma non può essere collegato',
  grantFaults: {
    frame:
      'Questa pagina funziona solo in una scheda propria e con i suoi pulsanti. Ricomincia nel programma.',
    long: 'La richiesta del programma è troppo lunga. Avvisa l’autore del programma.',
    request:
      'La richiesta del programma è incompleta o dice qualcosa due volte. Avvisa l’autore del programma.',
    client:
      'Questo programma non è conosciuto qui. Ricomincia nel programma, o chiedi al tuo amministratore di consentirlo.',
    redirect:
      'Il programma vuole la risposta a un indirizzo che non è registrato per esso. Non proseguire se hai seguito un link: forse qualcuno cerca di ottenere l’accesso a tuo nome.',
    refused: 'La richiesta del programma è stata rifiutata.',
  },
  deviceTitle: 'Collega un dispositivo',
  deviceWarning:
    'Inserisci un codice solo se lo vedi sul tuo dispositivo, dove hai appena iniziato. Se qualcuno ti ha inviato il codice o questo link per e-mail, chat o telefono, cerca di ottenere l’accesso a tuo nome: chiudi questa pagina.',
  deviceCode: 'Codice sul dispositivo',
  deviceUnknown:
    'Nessun dispositivo attende questo codice. Controllalo, o ricomincia sul dispositivo.',
  deviceTooMany: 'Troppi codici erano sbagliati. Attendi un minuto, poi riprova.',
  deviceAsked: 'Il tuo dispositivo mostra {code}? La richiesta è del {time}, da {place}.',
  deviceNowhere: 'un luogo sconosciuto',
  deviceDone: 'Il dispositivo è collegato',
  deviceRefused: 'Il dispositivo non ha ottenuto l’accesso',
  deviceNext: 'Puoi chiudere questa pagina.',
  programs: 'Programmi che agiscono per te',
  programAt: 'Su {site}, dal {since}, ultimo uso {used}',
  programEnd: 'Revoca',
  programEndLabel: 'Revoca a {client} l’accesso a {site}',
}
