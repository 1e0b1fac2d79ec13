import type { ProgramTexts } from './texts.ts'

export const esPrograms: ProgramTexts = {
  grantTitle: '¿Permitir que un programa actúe por usted?',
  grantAsks: '{client} pide acceso a {site}.',
  grantProgram: 'El programa',
  grantListed: 'Su administrador ha registrado este programa.',
  grantByDomain: 'Viene de {host}. Su administrador no lo ha comprobado.',
  grantUnverified:
    'Cualquier programa de este ordenador puede usar este nombre. Permítalo solo si acaba de iniciarlo usted.',
  grantSite: 'El sitio',
  grantWhat: 'Qué puede hacer',
  grantMay: 'Todo lo que usted puede hacer allí: leer, cambiar y eliminar.',
  grantHowLong: 'Por cuánto tiempo',
  grantUntil:
    'Hasta el {until} como máximo. Cerrar la sesión no lo termina. Puede retirar el acceso en cualquier momento en {home}.',
  grantHome: 'su página de inicio',
  grantInName: 'En nombre de',
  grantGoesTo: 'Después pasará a {host}.',
  grantGoesHere: 'Después pasará a un programa de este ordenador.',
  grantAllow: 'Permitir',
  grantRefuse: 'No permitir',
  grantBack: 'Volver al programa',
  grantLeading: 'Le llevamos de vuelta a {client}.',
  grantBackLink: 'Volver al programa',
  grantClosed: 'No tiene acceso a {site}, así que no puede dárselo a un programa.',
  grantFault: 'El programa no se puede conectar',
  grantFaults: {
    frame:
      'Esta página solo funciona en una pestaña propia y con sus propios botones. Empiece de nuevo en el programa.',
    long: 'La solicitud del programa es demasiado larga. Avise al autor del programa.',
    request:
      'La solicitud del programa está incompleta o dice algo dos veces. Avise al autor del programa.',
    client:
      'Este programa no se conoce aquí. Empiece de nuevo en el programa, o pida a su administrador que lo permita.',
    redirect:
      'El programa quiere la respuesta en una dirección que no está registrada para él. No continúe si siguió un enlace: quizá alguien intenta obtener acceso en su nombre.',
    refused: 'La solicitud del programa se ha rechazado.',
  },
  deviceTitle: 'Conectar un dispositivo',
  deviceWarning:
    'Introduzca un código solo si lo ve en su propio dispositivo, donde acaba de empezar. Si alguien le envió el código o este enlace por correo, chat o teléfono, intenta obtener acceso en su nombre: cierre esta página.',
  deviceCode: 'Código del dispositivo',
  deviceUnknown:
    'Ningún dispositivo espera este código. Compruébelo, o empiece de nuevo en el dispositivo.',
  deviceTooMany: 'Demasiados códigos eran erróneos. Espere un minuto e inténtelo de nuevo.',
  deviceAsked: '¿Muestra su dispositivo {code}? La solicitud es del {time}, desde {place}.',
  deviceNowhere: 'un lugar desconocido',
  deviceDone: 'El dispositivo está conectado',
  deviceRefused: 'El dispositivo no obtuvo acceso',
  deviceNext: 'Puede cerrar esta página.',
  programs: 'Programas que actúan por usted',
  programAt: 'En {site}, desde {since}, último uso {used}',
  programEnd: 'Retirar',
  programEndLabel: 'Retirar a {client} el acceso a {site}',
}
