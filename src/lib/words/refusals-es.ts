import type { RefusalTexts } from './texts.ts'

export const esRefusals: RefusalTexts = {
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
  replayed: ['Empiece de nuevo', 'Este inicio de sesión ya se usó, y cada uno sirve una sola vez.'],
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
  'form-sent': ['Este formulario ya se envió', 'Compruebe si llegó antes de rellenarlo de nuevo.'],
  'form-spoilt': [
    'Este formulario ya no se puede enviar',
    'Un formulario se conserva durante una hora en la pestaña en la que se rellenó. Rellénelo de nuevo.',
  ],
  'form-of-other-site': [
    'Este formulario no se envió',
    'Venía de otro sitio, y este sitio solo acepta formularios de sus propias páginas.',
  ],
}
