import type { ProgramTexts } from './texts.ts'

export const frPrograms: ProgramTexts = {
  grantTitle: 'Autoriser un programme à agir pour vous ?',
  grantAsks: '{client} demande l’accès à {site}.',
  grantProgram: 'Le programme',
  grantListed: 'Votre administrateur a enregistré ce programme.',
  grantByDomain: 'Il vient de {host}. Votre administrateur ne l’a pas vérifié.',
  grantUnverified:
    'Tout programme sur cet ordinateur peut utiliser ce nom. N’autorisez que si vous venez de le lancer vous-même.',
  grantSite: 'Le site',
  grantWhat: 'Ce qu’il pourra faire',
  grantMay: 'Tout ce que vous pouvez y faire : lire, modifier et supprimer.',
  grantHowLong: 'Pour combien de temps',
  grantUntil:
    'Jusqu’au {until} au plus. Se déconnecter n’y met pas fin. Vous pouvez retirer l’accès à tout moment sur {home}.',
  grantHome: 'votre page d’accueil',
  grantInName: 'Au nom de',
  grantGoesTo: 'Vous irez ensuite à {host}.',
  grantGoesHere: 'Vous irez ensuite à un programme sur cet ordinateur.',
  grantAllow: 'Autoriser',
  grantRefuse: 'Ne pas autoriser',
  grantBack: 'Retour au programme',
  grantLeading: 'Nous vous ramenons à {client}.',
  grantBackLink: 'Revenir au programme',
  grantClosed:
    'Vous n’avez pas accès à {site}, vous ne pouvez donc pas y donner accès à un programme.',
  grantFault: 'Le programme ne peut pas être connecté',
  grantFaults: {
    frame:
      'Cette page ne fonctionne que dans son propre onglet et avec ses propres boutons. Recommencez dans le programme.',
    long: 'La demande du programme est trop longue. Prévenez l’auteur du programme.',
    request:
      'La demande du programme est incomplète, ou dit deux fois la même chose. Prévenez l’auteur du programme.',
    client:
      'Ce programme n’est pas connu ici. Recommencez dans le programme, ou demandez à votre administrateur de l’autoriser.',
    redirect:
      'Le programme veut la réponse à une adresse qui n’est pas enregistrée pour lui. Ne continuez pas si vous avez suivi un lien : quelqu’un essaie peut-être d’obtenir un accès en votre nom.',
    refused: 'La demande du programme a été refusée.',
  },
  deviceTitle: 'Connecter un appareil',
  deviceWarning:
    'Ne saisissez un code que si vous le voyez sur votre propre appareil, où vous venez de commencer. Si quelqu’un vous a envoyé le code ou ce lien par e-mail, messagerie ou téléphone, cette personne essaie d’obtenir un accès en votre nom : fermez cette page.',
  deviceCode: 'Code sur l’appareil',
  deviceUnknown: 'Aucun appareil n’attend ce code. Vérifiez-le, ou recommencez sur l’appareil.',
  deviceTooMany: 'Trop de codes étaient faux. Attendez une minute, puis réessayez.',
  deviceAsked: 'Votre appareil affiche-t-il {code} ? La demande est du {time}, depuis {place}.',
  deviceNowhere: 'un lieu inconnu',
  deviceDone: 'L’appareil est connecté',
  deviceRefused: 'L’appareil n’a pas obtenu l’accès',
  deviceNext: 'Vous pouvez fermer cette page.',
  programs: 'Programmes qui agissent pour vous',
  programAt: 'Sur {site}, depuis le {since}, dernière utilisation : {used}',
  programEnd: 'Retirer',
  programEndLabel: 'Retirer à {client} l’accès à {site}',
}
