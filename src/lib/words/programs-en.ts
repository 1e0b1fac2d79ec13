/** What people read when programs ask for access. */
export const enPrograms = {
  grantTitle: 'Let a program act for you?',
  grantAsks: '{client} asks for access to {site}.',
  grantProgram: 'The program',
  grantListed: 'Your administrator has registered this program.',
  grantByDomain: 'It comes from {host}. Your administrator has not checked it.',
  grantUnverified:
    'Any program on this computer can use this name. Allow it only if you started it yourself just now.',
  grantSite: 'The site',
  grantWhat: 'What it may do',
  grantMay: 'Everything that you may do there: read, change and delete.',
  grantHowLong: 'How long',
  grantUntil:
    'Until {until} at most. Signing out does not end it. You can take it back at any time on {home}.',
  grantHome: 'your home page',
  grantInName: 'In the name of',
  grantGoesTo: 'You will go on to {host}.',
  grantGoesHere: 'You will go on to a program on this computer.',
  grantAllow: 'Allow',
  grantRefuse: "Don't allow",
  grantBack: 'Going back',
  grantLeading: 'We are taking you back to {client}.',
  grantBackLink: 'Go back to the program',
  grantClosed: "You don't have access to {site}, so you can't give a program access to it.",
  grantFault: 'The program cannot be connected',
  grantFaults: {
    frame:
      'This page works only in a tab of its own, and only by its own buttons. Start again in the program.',
    long: "The program's request is too long. Tell the author of the program.",
    request:
      "The program's request is not complete, or it says something twice. Tell the author of the program.",
    client:
      'This program is not known here. Start again in the program, or ask your administrator to allow it.',
    redirect:
      'The program wants the answer at an address that is not registered for it. Do not go on if you followed a link: an attacker may be trying to get access in your name.',
    refused: 'The request of the program was refused.',
  },
  deviceTitle: 'Connect a device',
  deviceWarning:
    'Enter a code only if you see it on your own device, where you started just now. If somebody sent you the code or this link, by mail, chat or phone, they are trying to get access in your name: close this page.',
  deviceCode: 'Code on the device',
  deviceUnknown: 'No device waits for this code. Check it, or start again on the device.',
  deviceTooMany: 'Too many codes were wrong. Wait a minute, then try again.',
  deviceAsked: 'Does your device show {code}? It asked on {time}, from {place}.',
  deviceNowhere: 'an unknown place',
  deviceDone: 'The device is connected',
  deviceRefused: 'The device got no access',
  deviceNext: 'You can close this page.',
  programs: 'Programs that act for you',
  programAt: 'At {site}, since {since}, last used {used}',
  programEnd: 'Take back',
  programEndLabel: 'Take back the access of {client} to {site}',
} as const
