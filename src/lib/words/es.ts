import { esPrograms } from './programs-es.ts'
import { esRefusals } from './refusals-es.ts'
import type { Texts } from './texts.ts'

export const es: Texts = {
  requestNumber: 'Número de solicitud',
  protectedBy: 'Protegido por Gatehouse',
  help: 'Obtener ayuda',
  toHome: 'Ir a la página de inicio',
  continue: 'Continuar',
  signIn: 'Iniciar sesión',
  signInAgain: 'Volver a iniciar sesión',
  signInNewTab: 'Iniciar sesión en una pestaña nueva',
  reloadTab: 'Vuelva a esta pestaña y recárguela.',
  tryAgain: 'Intentar de nuevo',
  otherAccount: 'Usar otra cuenta',
  signOut: 'Cerrar sesión',
  youAre: 'Ha iniciado sesión como {person}',

  signingIn: 'Iniciando sesión',
  leadingOn: 'Le llevamos a su página de inicio de sesión.',
  ifNothing: 'Si no ocurre nada, {link}.',
  ifNothingLink: 'continúe aquí',
  addressTooLong: 'La dirección de esta página es demasiado larga para conservarla sin JavaScript.',

  continueWith: 'Continuar con {provider}',
  orOther: 'O use otra cuenta:',
  workEmail: 'Correo electrónico del trabajo',
  unknownEmail: 'No sabemos cómo iniciar su sesión con esta dirección. Revise la ortografía.',
  unknownEmailListed:
    'No sabemos cómo iniciar su sesión con esta dirección. Revise la ortografía o elija de la lista.',
  signInWith: 'Iniciar sesión con:',
  orSignInWith: 'O iniciar sesión con:',
  noConnectionNext:
    'Si administra este sitio, añada una conexión a su proveedor de identidad o active una para este sitio. Las guías de la documentación de Gatehouse muestran cada paso para Okta, Entra ID, OneLogin y otros proveedores de identidad.',

  goOnTitle: '¿Volver a iniciar sesión?',
  goOn: 'Cerró la sesión en {site}. Su sesión como {person} sigue abierta.',
  continueAs: 'Continuar como {person}',
  signedInWith: 'Ha iniciado sesión con {provider} como {person}',
  startAgain: 'Esta página no se puede abrir por separado: es un paso del inicio de sesión.',

  signedIn: 'Ha iniciado sesión',
  closeWindow: 'Puede cerrar esta ventana y continuar donde estaba.',
  takingBack:
    'Le llevamos a la página que pidió. Si no ocurre nada, su navegador no guardó la dirección. Abra de nuevo su enlace o vaya a la página de inicio.',

  switchTitle: '¿Cambiar de cuenta?',
  switchAsk:
    'Acaba de completarse otro inicio de sesión, para {person}. Si no lo inició usted, conserve su cuenta.',
  keepAccount: 'Conservar mi cuenta',
  switchTo: 'Cambiar a {person}',

  signOutTitle: '¿Cerrar sesión?',
  signOutHere: 'Se cerrará su sesión en este navegador.',
  signOutSites:
    'Es posible que tenga sesiones abiertas en otros sitios de su empresa en este navegador.',
  signOutAll: 'Cerrar sesión en todos los sitios',
  signOutOnly: 'Cerrar sesión solo en {site}',
  signedOut: 'Se ha cerrado la sesión',
  stillAtSites:
    'Su sesión sigue abierta en los demás sitios de su empresa en este navegador. Si otras personas usan este equipo, ciérrela también allí.',
  stillAtIdp:
    'Es posible que su sesión siga abierta en su proveedor de identidad. Si otras personas usan este equipo, ciérrela también allí.',
  wasSignedOut:
    'Su sesión ya estaba cerrada aquí, pero es posible que siga abierta en los demás sitios de su empresa.',
  signOutThere: 'Cerrarla también allí',
  signOutIdp: 'Cerrar sesión aquí y en {provider}',
  signOutAllIdp: 'Cerrar sesión en todos los sitios y en {provider}',
  signedOutHere: 'Se ha cerrado la sesión aquí',
  endedHere: 'Se ha cerrado su sesión en todos los sitios en este navegador.',
  leadingToIdp: 'Le llevamos a {provider}, para cerrar su sesión también allí.',
  ifSilent: 'Si {provider} no responde, {link}.',
  ifSilentLink: 'vea lo que se ha cerrado',
  idpAll: 'También se ha cerrado su sesión en {provider}.',
  idpPartial:
    '{provider} cerró su sesión, pero no en todas las aplicaciones que usó con él. Si otras personas usan este equipo, cierre el navegador.',
  idpFailed:
    '{provider} no cerró su sesión. Es posible que siga abierta allí. Si otras personas usan este equipo, ciérrela también allí.',
  idpSilent:
    '{provider} no ha respondido. Es posible que su sesión siga abierta allí. Si otras personas usan este equipo, ciérrela también allí.',
  idpUnverified:
    'No se pudo verificar la respuesta de {provider}. Es posible que su sesión siga abierta allí. Si otras personas usan este equipo, ciérrela también allí.',
  byIdp: '{provider} ha cerrado su sesión, y por eso se ha cerrado en todos los sitios aquí.',
  tellingIdp: 'Informamos a {provider} de que su sesión está cerrada aquí.',
  toSite: 'Continuar a {site}',

  yourSites: 'Sus sitios',
  noSites:
    'Aquí no tiene acceso a ningún sitio. Si esperaba alguno, pida acceso a su administrador.',
  searchSites: 'Buscar en sus sitios',
  search: 'Buscar',
  foundNone: 'Ninguno de sus {count} sitios coincide con «{search}».',
  foundOne: '{found} de sus {count} sitios coincide con «{search}».',
  foundOther: '{found} de sus {count} sitios coinciden con «{search}».',
  showAll: 'Mostrar todos',
  whereSignedIn: 'Dónde tiene sesiones abiertas',
  thisBrowser: 'Este navegador',
  unknownBrowser: 'Navegador desconocido',
  browserOn: '{browser} en {system}',
  sinceSeen: 'Desde el {since}, última actividad: {seen}',
  seenNow: 'ahora',
  seenJustNow: 'hace menos de un minuto',
  boundAt: 'Vinculado a su dispositivo en {sites}',
  atSites: 'En {sites}',
  signOutHereLabel: 'Cerrar sesión: este navegador',
  signOutLabel: 'Cerrar sesión: {place}, desde el {since}',
  signOutEverywhere: 'Cerrar sesión en todos los navegadores',
  ...esPrograms,
  formSignIn: 'Inicie sesión para enviar este formulario',
  formKept:
    'No ha iniciado sesión, por lo que el formulario aún no se ha enviado. Lo que escribió se conserva en esta pestaña durante una hora. Después de iniciar sesión lo verá de nuevo y decidirá si lo envía.',
  formKeptAnew:
    'Hace falta un nuevo inicio de sesión, por lo que el formulario aún no se ha enviado. Lo que escribió se conserva en esta pestaña durante una hora. Después de iniciar sesión lo verá de nuevo y decidirá si lo envía.',
  formHeld:
    'No ha iniciado sesión, por lo que el formulario aún no se ha enviado. Lo que escribió no se ha perdido: deje abierta esta pestaña y no vuelva atrás.',
  formHeldAnew:
    'Hace falta un nuevo inicio de sesión, por lo que el formulario aún no se ha enviado. Lo que escribió no se ha perdido: deje abierta esta pestaña y no vuelva atrás.',
  formReload:
    'Vuelva a esta pestaña y recárguela. Si su navegador lo pregunta, elija volver a enviar el formulario.',
  formBack: 'Vuelva a esta pestaña:',
  formContinue: 'Continuar con el formulario',
  formSendTitle: '¿Enviar este formulario?',
  formSend:
    'Ha iniciado sesión como {person}. Este formulario aún no se ha enviado. Se enviará a {address}.',
  send: 'Enviar',
  dontSend: 'No enviar',
  fieldText: 'Texto',
  fieldForm: 'Formulario',
  bytesOne: '{count} byte',
  bytesOther: '{count} bytes',
  moreFieldsOne: 'Y {count} campo más.',
  moreFieldsOther: 'Y {count} campos más.',

  needs: 'Esta página requiere: {missing}.',
  ruleSignIn: 'un inicio de sesión',
  ruleGroup: 'grupo {name}',
  ruleGroupId: 'grupo con id {id}',
  ruleEmail: 'correo electrónico {email}',
  ruleDomain: 'un correo electrónico de {domain}',
  ruleAttribute: 'atributo {name}',
  ruleConnection: 'conexión {name}',
  ruleService: 'servicio {name}',
  ruleOfConnection: '{rule} de la conexión {name}',
  ruleCountry: 'país {countries}',
  ruleIp: 'una dirección IP de {ranges}',
  ruleMethod: 'método {methods}',
  ruleContext: 'inicio de sesión mediante {classes}',
  ruleDevice: 'una sesión vinculada al dispositivo',
  ruleWithin: 'un inicio de sesión de hace menos de {time}',
  ruleHours: 'la hora {hours}',
  ruleAny: 'uno de ({rules})',
  ruleAll: 'todos ({rules})',
  ruleNot: 'no ({rule})',
  ruleNotKnown: '{rule} (no se conoce: {facts})',
  or: 'o',
  days: ['dom', 'lun', 'mar', 'mié', 'jue', 'vie', 'sáb'],
  facts: {
    connection: 'conexión',
    groups: 'grupos',
    email: 'correo electrónico',
    attributes: 'atributos',
    country: 'país',
    ip: 'dirección IP',
    method: 'método',
    authnContext: 'tipo de inicio de sesión',
    authnInstant: 'hora del inicio de sesión',
    signedInAt: 'comienzo de la sesión',
    time: 'hora',
    session: 'sesión',
    device: 'dispositivo',
  },

  idpWords: {
    none: 'No indicó el motivo.',
    AuthnFailed: 'No pudo confirmar su identidad.',
    NoAuthnContext: 'No puede iniciar su sesión de la forma que exige este sitio.',
    RequestDenied: 'No permite que su cuenta use este sitio.',
    UnknownPrincipal: 'No conoce su cuenta.',
  },

  refusals: esRefusals,
}
