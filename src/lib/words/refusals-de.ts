import type { RefusalTexts } from './texts.ts'

export const deRefusals: RefusalTexts = {
  'internal-error': [
    'Etwas ist schiefgegangen',
    'Der Fehler liegt bei uns, nicht bei Ihnen. Versuchen Sie es erneut, oder wenden Sie sich an Ihre Administration.',
  ],
  'temporarily-unavailable': [
    'Vorübergehend nicht verfügbar',
    'Ihr Zugriff kann gerade nicht geprüft werden. Versuchen Sie es in einigen Sekunden erneut.',
  ],
  'device-needed': [
    'Dieser Browser muss an sein Gerät gebunden sein',
    'Diese Website akzeptiert nur Browser, die eine Anmeldung an das Gerät binden, damit niemand ein gestohlenes Cookie anderswo verwenden kann. Chrome und Edge unter Windows können das ab Version 145 auf einem Computer mit TPM. Öffnen Sie die Seite in einem dieser Browser. Wenn dies einer davon ist, melden Sie sich erneut an.',
  ],
  'too-many-requests': [
    'Zu viele Anfragen',
    'Aus Ihrem Netzwerk kamen innerhalb einer Minute sehr viele Anfragen. Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
  ],
  'unknown-host': [
    'Website nicht gefunden',
    'Unter dieser Adresse gibt es keine Website. Prüfen Sie die Adresse, oder wenden Sie sich an Ihre Administration.',
  ],
  'bad-address': [
    'Diese Adresse lässt sich nicht öffnen',
    'Die Adresse oder der Host-Header ist ungültig. Prüfen Sie die Adresse.',
  ],
  'not-found': [
    'Seite nicht gefunden',
    'Unter dieser Adresse gibt es keine Seite. Prüfen Sie die Schreibweise.',
  ],
  'ambiguous-path': [
    'Diese Adresse lässt sich nicht öffnen',
    'Die Adresse ist nicht eindeutig. Prüfen Sie die Schreibweise.',
  ],
  loop: [
    'Diese Website führt zu sich selbst zurück',
    'Die Adresse hinter dieser Website ist die Website selbst, die Anfrage würde also nie enden. Wenden Sie sich an Ihre Administration.',
  ],
  'origin-failed': [
    'Diese Website antwortet nicht',
    'Die Website ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal.',
  ],
  'origin-slow': [
    'Diese Website antwortet nicht',
    'Die Website hat zu lange für eine Antwort gebraucht. Versuchen Sie es gleich noch einmal.',
  ],
  'access-denied': [
    'Sie haben keinen Zugriff auf diese Seite',
    'Wenn Sie Zugriff benötigen, wenden Sie sich an Ihre Administration, und nennen Sie die Anfragenummer unten.',
  ],
  'no-connection': [
    'Die Anmeldung ist noch nicht eingerichtet',
    'Noch kann sich niemand bei dieser Website anmelden, weil kein Identitätsanbieter mit ihr verbunden ist.',
  ],
  'user-disabled': [
    'Ihr Konto ist deaktiviert',
    'Ihr Konto darf diese Website nicht nutzen. Bitten Sie Ihre Administration, es zu aktivieren.',
  ],
  'not-provisioned': [
    'Sie haben hier kein Konto',
    'Diese Website hat noch kein Konto für Sie. Bitten Sie Ihre Administration, Sie hinzuzufügen. Wenn das gerade geschehen ist, versuchen Sie es erneut.',
  ],
  'several-provisioned': [
    'Mehrere Konten passen',
    'Diese Website hat mehrere Konten für Sie. Bitten Sie Ihre Administration, nur eines zu behalten.',
  ],
  'unknown-login': [
    'Beginnen Sie neu',
    'Diese Anmeldung hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Wenn Sie diese Seite jedes Mal sehen, erlauben Sie Cookies für diese Website.',
  ],
  replayed: ['Beginnen Sie neu', 'Diese Anmeldung wurde bereits verwendet: jede gilt einmal.'],
  'session-not-kept': [
    'Sie konnten nicht angemeldet bleiben',
    'Sie haben sich innerhalb einer Minute dreimal angemeldet, und jedes Mal kam Ihr Browser abgemeldet zurück. Warten Sie eine Minute, löschen Sie die Cookies dieser Website, und versuchen Sie es erneut. Wenn das nicht hilft, nennen Sie Ihrer Administration die Anfragenummer unten.',
  ],
  'anew-in-vain': [
    'Die erneute Anmeldung hat nicht geholfen',
    'Sie haben sich innerhalb einer Minute dreimal erneut angemeldet, und die Seite verlangt noch eine Anmeldung. Nennen Sie Ihrer Administration die Anfragenummer unten.',
  ],
  'session-over': [
    'Ihre Anmeldung ist abgelaufen',
    'Ihr Identitätsanbieter meldet, dass Ihre Sitzung dort beendet ist. Melden Sie sich dort erneut an.',
  ],
  'authn-too-old': [
    'Eine neue Anmeldung ist nötig',
    'Ihr Identitätsanbieter hat keine neue Anmeldung verlangt, sondern eine frühere verwendet. Melden Sie sich dort ab, und versuchen Sie es dann erneut.',
  ],
  'authn-context': [
    'Eine andere Art der Anmeldung ist nötig',
    'Diese Seite verlangt eine andere Art der Anmeldung, etwa mit einem zweiten Faktor. Richten Sie diese bei Ihrem Identitätsanbieter ein, und versuchen Sie es erneut, oder wenden Sie sich an Ihre Administration.',
  ],
  'not-accepted': [
    'Sie konnten nicht angemeldet werden',
    'Die Antwort Ihres Identitätsanbieters wurde nicht angenommen. Versuchen Sie es erneut, oder wenden Sie sich an Ihre Administration.',
  ],
  'logout-refused': [
    'Diese Abmeldung wurde nicht angenommen',
    'Ihr Identitätsanbieter wollte Sie abmelden, aber seine Nachricht wurde nicht angenommen. Sie sind hier vielleicht noch angemeldet. Melden Sie sich selbst ab, oder wenden Sie sich an Ihre Administration.',
  ],
  'logout-unknown': [
    'Diese Abmeldung kann nicht fortgesetzt werden',
    'Sie wurde in einem anderen Browser begonnen, oder sie hat zu lange gedauert. Wenn Sie nicht sicher sind, dass Sie abgemeldet sind, melden Sie sich erneut ab.',
  ],
  status: [
    'Ihr Identitätsanbieter hat Sie nicht angemeldet',
    'Versuchen Sie es erneut, oder wenden Sie sich an Ihre Administration.',
  ],
  'form-of-other': [
    'Dieses Formular gehört einer anderen Person',
    'Eine andere Person hat dieses Formular ausgefüllt, daher wurde es nicht gesendet. Um es zu senden, melden Sie sich innerhalb einer Stunde als diese Person an.',
  ],
  'form-sent': [
    'Dieses Formular wurde bereits gesendet',
    'Prüfen Sie, ob es angekommen ist, bevor Sie es erneut ausfüllen.',
  ],
  'form-spoilt': [
    'Dieses Formular lässt sich nicht mehr senden',
    'Ein Formular bleibt eine Stunde lang in dem Tab erhalten, in dem es ausgefüllt wurde. Füllen Sie es erneut aus.',
  ],
  'form-of-other-site': [
    'Dieses Formular wurde nicht gesendet',
    'Es kam von einer anderen Website, und diese Website nimmt Formulare nur von eigenen Seiten an.',
  ],
}
