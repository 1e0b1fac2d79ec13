import type { ProgramTexts } from './texts.ts'

export const dePrograms: ProgramTexts = {
  grantTitle: 'Darf ein Programm für Sie handeln?',
  grantAsks: '{client} bittet um Zugriff auf {site}.',
  grantProgram: 'Das Programm',
  grantListed: 'Ihre Administration hat dieses Programm registriert.',
  grantByDomain: 'Es kommt von {host}. Ihre Administration hat es nicht geprüft.',
  grantUnverified:
    'Jedes Programm auf diesem Computer kann diesen Namen verwenden. Erlauben Sie den Zugriff nur, wenn Sie es gerade selbst gestartet haben.',
  grantSite: 'Die Website',
  grantWhat: 'Was es darf',
  grantMay: 'Alles, was Sie dort dürfen: lesen, ändern und löschen.',
  grantHowLong: 'Wie lange',
  grantUntil:
    'Höchstens bis zum {until}. Abmelden beendet den Zugriff nicht. Sie können ihn jederzeit auf {home} zurücknehmen.',
  grantHome: 'Ihrer Startseite',
  grantInName: 'Im Namen von',
  grantGoesTo: 'Danach geht es weiter zu {host}.',
  grantGoesHere: 'Danach geht es weiter zu einem Programm auf diesem Computer.',
  grantAllow: 'Erlauben',
  grantRefuse: 'Nicht erlauben',
  grantBack: 'Es geht zurück',
  grantLeading: 'Wir leiten Sie zurück zu {client}.',
  grantBackLink: 'Zurück zum Programm',
  grantClosed:
    'Sie haben keinen Zugriff auf {site} und können daher keinem Programm Zugriff darauf geben.',
  grantFault: 'Das Programm lässt sich nicht verbinden',
  grantFaults: {
    frame:
      'Diese Seite funktioniert nur in einem eigenen Tab und nur mit ihren eigenen Schaltflächen. Beginnen Sie im Programm noch einmal.',
    long: 'Die Anfrage des Programms ist zu lang. Wenden Sie sich an den Hersteller des Programms.',
    request:
      'Die Anfrage des Programms ist unvollständig oder sagt etwas doppelt. Wenden Sie sich an den Hersteller des Programms.',
    client:
      'Dieses Programm ist hier nicht bekannt. Beginnen Sie im Programm noch einmal, oder bitten Sie Ihre Administration, es zu erlauben.',
    redirect:
      'Das Programm möchte die Antwort an eine Adresse erhalten, die nicht dafür registriert ist. Machen Sie nicht weiter, wenn Sie einem Link gefolgt sind: Vielleicht versucht jemand, in Ihrem Namen Zugriff zu erhalten.',
    refused: 'Die Anfrage des Programms wurde abgelehnt.',
  },
  deviceTitle: 'Ein Gerät verbinden',
  deviceWarning:
    'Geben Sie einen Code nur ein, wenn Sie ihn auf Ihrem eigenen Gerät sehen, an dem Sie gerade begonnen haben. Wenn Ihnen jemand den Code oder diesen Link per E-Mail, Chat oder Telefon geschickt hat, versucht diese Person, in Ihrem Namen Zugriff zu erhalten: Schließen Sie diese Seite.',
  deviceCode: 'Code auf dem Gerät',
  deviceUnknown:
    'Kein Gerät wartet auf diesen Code. Prüfen Sie ihn, oder beginnen Sie am Gerät noch einmal.',
  deviceTooMany: 'Zu viele Codes waren falsch. Warten Sie eine Minute und versuchen Sie es erneut.',
  deviceAsked: 'Zeigt Ihr Gerät {code}? Die Anfrage kam am {time}, von hier: {place}.',
  deviceNowhere: 'unbekannter Ort',
  deviceDone: 'Das Gerät ist verbunden',
  deviceRefused: 'Das Gerät hat keinen Zugriff erhalten',
  deviceNext: 'Sie können diese Seite schließen.',
  programs: 'Programme, die für Sie handeln',
  programAt: 'Bei {site}, seit {since}, zuletzt verwendet {used}',
  programEnd: 'Zurücknehmen',
  programEndLabel: 'Zugriff von {client} auf {site} zurücknehmen',
}
