import { esPrograms } from './programs-es.ts'
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

  refusals: {
    'internal-error': [
      'Se ha producido un error',
      'El error es nuestro, no suyo. Inténtelo de nuevo o contacte con su administrador.',
    ],
    'temporarily-unavailable': [
      'No disponible temporalmente',
      'Ahora mismo no se puede comprobar su acceso. Inténtelo de nuevo en unos segundos.',
    ],
    'device-needed': [
      'Este navegador debe estar vinculado a su dispositivo',
      'Este sitio solo acepta navegadores que vinculan un inicio de sesión al dispositivo, para que nadie pueda usar en otro lugar una cookie robada. Chrome y Edge en Windows pueden hacerlo a partir de la versión 145, en un equipo con TPM. Abra la página en uno de ellos. Si ya es uno de ellos, vuelva a iniciar sesión.',
    ],
    'too-many-requests': [
      'Demasiadas solicitudes',
      'Desde su red llegaron muchas solicitudes en un minuto. Espere un minuto y vuelva a intentarlo.',
    ],
    'unknown-host': [
      'Sitio no encontrado',
      'No hay ningún sitio en esta dirección. Revise la dirección o contacte con su administrador.',
    ],
    'bad-address': [
      'Esta dirección no se puede abrir',
      'La dirección o el encabezado Host no es válido. Revise la dirección.',
    ],
    'not-found': [
      'Página no encontrada',
      'No hay ninguna página en esta dirección. Revise la ortografía.',
    ],
    'ambiguous-path': [
      'Esta dirección no se puede abrir',
      'La dirección se puede leer de más de una manera. Revise la ortografía.',
    ],
    loop: [
      'Este sitio remite a sí mismo',
      'La dirección que hay detrás de este sitio es el propio sitio, por lo que la solicitud no acabaría nunca. Contacte con su administrador.',
    ],
    'origin-failed': [
      'Este sitio no responde',
      'Ahora mismo no se puede acceder al sitio. Inténtelo de nuevo en un momento.',
    ],
    'origin-slow': [
      'Este sitio no responde',
      'El sitio tardó demasiado en responder. Inténtelo de nuevo en un momento.',
    ],
    'access-denied': [
      'No tiene acceso a esta página',
      'Si necesita acceso, pídalo a su administrador e indíquele el número de solicitud que aparece abajo.',
    ],
    'no-connection': [
      'El inicio de sesión aún no está configurado',
      'Todavía nadie puede iniciar sesión en este sitio, porque no está conectado a ningún proveedor de identidad.',
    ],
    'user-disabled': [
      'Su cuenta está desactivada',
      'Su cuenta no puede usar este sitio. Pida a su administrador que la active.',
    ],
    'not-provisioned': [
      'No tiene una cuenta aquí',
      'Este sitio aún no tiene una cuenta para usted. Pida a su administrador que le añada. Si ya lo ha hecho, inténtelo de nuevo.',
    ],
    'several-provisioned': [
      'Coincide más de una cuenta',
      'Este sitio tiene varias cuentas para usted. Pida a su administrador que conserve solo una.',
    ],
    'unknown-login': [
      'Empiece de nuevo',
      'Este inicio de sesión tardó demasiado o comenzó en otro navegador. Si siempre ve esta página, permita las cookies de este sitio.',
    ],
    replayed: [
      'Empiece de nuevo',
      'Este inicio de sesión ya se usó, y cada uno sirve una sola vez.',
    ],
    'session-not-kept': [
      'No se pudo mantener su sesión',
      'Inició sesión tres veces en un minuto y cada vez su navegador volvió sin sesión. Espere un minuto, borre las cookies de este sitio e inténtelo de nuevo. Si no da resultado, indique a su administrador el número de solicitud que aparece abajo.',
    ],
    'anew-in-vain': [
      'Volver a iniciar sesión no dio resultado',
      'Volvió a iniciar sesión tres veces en un minuto y la página exige otro inicio de sesión. Indique a su administrador el número de solicitud que aparece abajo.',
    ],
    'session-over': [
      'Su inicio de sesión ha caducado',
      'Su proveedor de identidad indica que su sesión allí ha terminado. Vuelva a iniciar sesión allí.',
    ],
    'authn-too-old': [
      'Hace falta un nuevo inicio de sesión',
      'Su proveedor de identidad no le pidió iniciar sesión de nuevo, sino que usó un inicio de sesión anterior. Cierre allí la sesión e inténtelo de nuevo.',
    ],
    'authn-context': [
      'Hace falta otro tipo de inicio de sesión',
      'Esta página requiere otro tipo de inicio de sesión, por ejemplo con un segundo factor. Configúrelo en su proveedor de identidad e inténtelo de nuevo, o contacte con su administrador.',
    ],
    'not-accepted': [
      'No se pudo iniciar la sesión',
      'No se aceptó la respuesta de su proveedor de identidad. Inténtelo de nuevo o contacte con su administrador.',
    ],
    'logout-refused': [
      'No se aceptó este cierre de sesión',
      'Su proveedor de identidad nos pidió cerrar su sesión, pero no se aceptó su mensaje. Es posible que su sesión siga abierta aquí. Ciérrela usted mismo o contacte con su administrador.',
    ],
    'logout-unknown': [
      'No se puede continuar este cierre de sesión',
      'Se inició en otro navegador o tardó demasiado. Si no está seguro de que su sesión esté cerrada, ciérrela de nuevo.',
    ],
    status: [
      'Su proveedor de identidad no inició su sesión',
      'Inténtelo de nuevo o contacte con su administrador.',
    ],
    'form-of-other': [
      'Este formulario es de otra persona',
      'Otra persona rellenó este formulario, por lo que no se envió. Para enviarlo, inicie sesión como esa persona en el plazo de una hora.',
    ],
    'form-sent': [
      'Este formulario ya se envió',
      'Compruebe si llegó antes de rellenarlo de nuevo.',
    ],
    'form-spoilt': [
      'Este formulario ya no se puede enviar',
      'Un formulario se conserva durante una hora en la pestaña en la que se rellenó. Rellénelo de nuevo.',
    ],
    'form-of-other-site': [
      'Este formulario no se envió',
      'Venía de otro sitio, y este sitio solo acepta formularios de sus propias páginas.',
    ],
  },
}
