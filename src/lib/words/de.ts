import { dePrograms } from './programs-de.ts'
import { deRefusals } from './refusals-de.ts'
import type { Texts } from './texts.ts'

export const de: Texts = {
  requestNumber: 'Anfragenummer',
  protectedBy: 'Geschützt durch Gatehouse',
  help: 'Hilfe erhalten',
  toHome: 'Zur Startseite',
  continue: 'Weiter',
  signIn: 'Anmelden',
  signInAgain: 'Erneut anmelden',
  signInNewTab: 'In einem neuen Tab anmelden',
  reloadTab: 'Kehren Sie zu diesem Tab zurück und laden Sie ihn neu.',
  tryAgain: 'Erneut versuchen',
  otherAccount: 'Anderes Konto verwenden',
  signOut: 'Abmelden',
  youAre: 'Sie sind als {person} angemeldet',

  signingIn: 'Sie werden angemeldet',
  leadingOn: 'Wir leiten Sie zu Ihrer Anmeldeseite weiter.',
  ifNothing: 'Falls nichts geschieht, {link}.',
  ifNothingLink: 'fahren Sie hier fort',
  addressTooLong: 'Diese Adresse ist zu lang, um sie ohne JavaScript aufzubewahren.',

  continueWith: 'Weiter mit {provider}',
  orOther: 'Oder verwenden Sie ein anderes Konto:',
  workEmail: 'Geschäftliche E-Mail-Adresse',
  unknownEmail:
    'Wir wissen nicht, wie wir Sie mit dieser Adresse anmelden können. Prüfen Sie die Schreibweise.',
  unknownEmailListed:
    'Wir wissen nicht, wie wir Sie mit dieser Adresse anmelden können. Prüfen Sie die Schreibweise, oder wählen Sie aus der Liste.',
  signInWith: 'Anmelden mit:',
  orSignInWith: 'Oder anmelden mit:',
  noConnectionNext:
    'Wenn Sie diese Website betreiben, fügen Sie eine Verbindung zu Ihrem Identitätsanbieter hinzu, oder aktivieren Sie eine für diese Website. Die Anleitungen in der Dokumentation von Gatehouse zeigen jeden Schritt für Okta, Entra ID, OneLogin und andere Identitätsanbieter.',

  goOnTitle: 'Erneut anmelden?',
  goOn: 'Sie haben sich von {site} abgemeldet. Sie sind noch als {person} angemeldet.',
  continueAs: 'Weiter als {person}',
  signedInWith: 'Sie haben sich mit {provider} als {person} angemeldet',
  startAgain: 'Diese Seite lässt sich nicht einzeln öffnen: Sie ist ein Schritt der Anmeldung.',

  signedIn: 'Sie sind angemeldet',
  closeWindow: 'Sie können dieses Fenster schließen und dort weitermachen, wo Sie waren.',
  takingBack:
    'Wir leiten Sie zur gewünschten Seite weiter. Falls nichts geschieht, hat Ihr Browser die Adresse nicht behalten. Öffnen Sie Ihren Link erneut, oder gehen Sie zur Startseite.',

  switchTitle: 'Konto wechseln?',
  switchAsk:
    'Soeben wurde eine weitere Anmeldung abgeschlossen: für {person}. Wenn Sie diese nicht selbst begonnen haben, behalten Sie Ihr Konto.',
  keepAccount: 'Mein Konto behalten',
  switchTo: 'Zu {person} wechseln',

  signOutTitle: 'Abmelden?',
  signOutHere: 'Sie werden in diesem Browser abgemeldet.',
  signOutSites:
    'In diesem Browser sind Sie möglicherweise auch bei anderen Websites Ihres Unternehmens angemeldet.',
  signOutAll: 'Von allen Websites abmelden',
  signOutOnly: 'Nur von {site} abmelden',
  signedOut: 'Sie sind abgemeldet',
  stillAtSites:
    'In diesem Browser sind Sie noch bei den anderen Websites Ihres Unternehmens angemeldet. Wenn andere Personen diesen Computer benutzen, melden Sie sich auch dort ab.',
  stillAtIdp:
    'Möglicherweise sind Sie noch bei Ihrem Identitätsanbieter angemeldet. Wenn andere Personen diesen Computer benutzen, melden Sie sich auch dort ab.',
  wasSignedOut:
    'Hier waren Sie bereits abgemeldet, möglicherweise sind Sie aber noch bei den anderen Websites Ihres Unternehmens angemeldet.',
  signOutThere: 'Dort abmelden',
  signOutIdp: 'Hier und bei {provider} abmelden',
  signOutAllIdp: 'Von allen Websites und bei {provider} abmelden',
  signedOutHere: 'Sie sind hier abgemeldet',
  endedHere: 'Sie sind in diesem Browser von allen Websites abgemeldet.',
  leadingToIdp: 'Wir leiten Sie zu {provider} weiter, um Sie auch dort abzumelden.',
  ifSilent: 'Wenn {provider} nicht antwortet, {link}.',
  ifSilentLink: 'sehen Sie, was beendet ist',
  idpAll: 'Sie sind auch bei {provider} abgemeldet.',
  idpPartial:
    '{provider} hat Sie abgemeldet, aber nicht von jeder Anwendung, die Sie damit genutzt haben. Wenn andere diesen Computer nutzen, schließen Sie den Browser.',
  idpFailed:
    '{provider} hat Sie nicht abgemeldet. Sie sind dort vielleicht noch angemeldet. Wenn andere diesen Computer nutzen, melden Sie sich auch dort ab.',
  idpSilent:
    '{provider} hat nicht geantwortet. Sie sind dort vielleicht noch angemeldet. Wenn andere diesen Computer nutzen, melden Sie sich auch dort ab.',
  idpUnverified:
    'Die Antwort von {provider} konnte nicht geprüft werden. Sie sind dort vielleicht noch angemeldet. Wenn andere diesen Computer nutzen, melden Sie sich auch dort ab.',
  byIdp: '{provider} hat Sie abgemeldet, und damit sind Sie hier von allen Websites abgemeldet.',
  tellingIdp: 'Wir teilen {provider} mit, dass Sie hier abgemeldet sind.',
  toSite: 'Weiter zu {site}',

  yourSites: 'Ihre Websites',
  noSites:
    'Hier steht Ihnen keine Website offen. Wenn Sie eine erwartet haben, bitten Sie Ihre Administration um Zugriff.',
  searchSites: 'Ihre Websites durchsuchen',
  search: 'Suchen',
  foundNone: 'Keine Ihrer {count} Websites passt zu „{search}“.',
  foundOne: '{found} Ihrer {count} Websites passt zu „{search}“.',
  foundOther: '{found} Ihrer {count} Websites passen zu „{search}“.',
  showAll: 'Alle anzeigen',
  whereSignedIn: 'Wo Sie angemeldet sind',
  thisBrowser: 'Dieser Browser',
  unknownBrowser: 'Unbekannter Browser',
  browserOn: '{browser} unter {system}',
  sinceSeen: 'Seit {since}, zuletzt aktiv: {seen}',
  seenNow: 'jetzt',
  seenJustNow: 'vor weniger als einer Minute',
  boundAt: 'An sein Gerät gebunden bei {sites}',
  atSites: 'Bei {sites}',
  signOutHereLabel: 'Abmelden: dieser Browser',
  signOutLabel: 'Abmelden: {place}, seit {since}',
  signOutEverywhere: 'In allen Browsern abmelden',
  ...dePrograms,
  formSignIn: 'Melden Sie sich an, um dieses Formular zu senden',
  formKept:
    'Sie sind nicht angemeldet, daher wurde das Formular noch nicht gesendet. Ihre Eingaben bleiben eine Stunde lang in diesem Tab erhalten. Nach der Anmeldung sehen Sie sie wieder und entscheiden, ob Sie das Formular senden.',
  formKeptAnew:
    'Eine neue Anmeldung ist nötig, daher wurde das Formular noch nicht gesendet. Ihre Eingaben bleiben eine Stunde lang in diesem Tab erhalten. Nach der Anmeldung sehen Sie sie wieder und entscheiden, ob Sie das Formular senden.',
  formHeld:
    'Sie sind nicht angemeldet, daher wurde das Formular noch nicht gesendet. Ihre Eingaben sind nicht verloren: Lassen Sie diesen Tab offen, und gehen Sie nicht zurück.',
  formHeldAnew:
    'Eine neue Anmeldung ist nötig, daher wurde das Formular noch nicht gesendet. Ihre Eingaben sind nicht verloren: Lassen Sie diesen Tab offen, und gehen Sie nicht zurück.',
  formReload:
    'Kehren Sie zu diesem Tab zurück und laden Sie ihn neu. Wenn Ihr Browser fragt, senden Sie das Formular erneut.',
  formBack: 'Kehren Sie zu diesem Tab zurück:',
  formContinue: 'Weiter mit dem Formular',
  formSendTitle: 'Dieses Formular senden?',
  formSend:
    'Sie sind als {person} angemeldet. Dieses Formular wurde noch nicht gesendet. Es geht an {address}.',
  send: 'Senden',
  dontSend: 'Nicht senden',
  fieldText: 'Text',
  fieldForm: 'Formular',
  bytesOne: '{count} Byte',
  bytesOther: '{count} Byte',
  moreFieldsOne: 'Und {count} weiteres Feld.',
  moreFieldsOther: 'Und {count} weitere Felder.',

  needs: 'Diese Seite erfordert: {missing}.',
  ruleSignIn: 'eine Anmeldung',
  ruleGroup: 'Gruppe {name}',
  ruleGroupId: 'Gruppe mit der ID {id}',
  ruleEmail: 'E-Mail-Adresse {email}',
  ruleDomain: 'eine E-Mail-Adresse bei {domain}',
  ruleAttribute: 'Attribut {name}',
  ruleConnection: 'Verbindung {name}',
  ruleService: 'Dienst {name}',
  ruleOfConnection: '{rule} der Verbindung {name}',
  ruleCountry: 'Land {countries}',
  ruleIp: 'eine IP-Adresse aus {ranges}',
  ruleMethod: 'Methode {methods}',
  ruleContext: 'Anmeldung mit {classes}',
  ruleDevice: 'eine an das Gerät gebundene Sitzung',
  ruleWithin: 'eine höchstens {time} alte Anmeldung',
  ruleHours: 'die Uhrzeit {hours}',
  ruleAny: 'eines von ({rules})',
  ruleAll: 'alle von ({rules})',
  ruleNot: 'nicht ({rule})',
  ruleNotKnown: '{rule} (nicht bekannt: {facts})',
  or: 'oder',
  days: ['So', 'Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa'],
  facts: {
    connection: 'Verbindung',
    groups: 'Gruppen',
    email: 'E-Mail-Adresse',
    attributes: 'Attribute',
    country: 'Land',
    ip: 'IP-Adresse',
    method: 'Methode',
    authnContext: 'Art der Anmeldung',
    authnInstant: 'Zeit der Anmeldung',
    signedInAt: 'Beginn der Sitzung',
    time: 'Uhrzeit',
    session: 'Sitzung',
    device: 'Gerät',
  },

  idpWords: {
    none: 'Er hat keinen Grund angegeben.',
    AuthnFailed: 'Er konnte Ihre Identität nicht bestätigen.',
    NoAuthnContext: 'Er kann Sie nicht so anmelden, wie diese Website es verlangt.',
    RequestDenied: 'Er erlaubt Ihrem Konto nicht, diese Website zu nutzen.',
    UnknownPrincipal: 'Er kennt Ihr Konto nicht.',
  },

  refusals: deRefusals,
}
