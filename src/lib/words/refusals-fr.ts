import type { RefusalTexts } from './texts.ts'

export const frRefusals: RefusalTexts = {
  'internal-error': [
    "Une erreur s'est produite",
    "L'erreur vient de nous, pas de vous. Réessayez ou contactez votre administrateur.",
  ],
  'temporarily-unavailable': [
    'Temporairement indisponible',
    'Votre accès ne peut pas être vérifié pour le moment. Réessayez dans quelques secondes.',
  ],
  'device-needed': [
    'Ce navigateur doit être lié à son appareil',
    "Ce site n'accepte que les navigateurs qui lient une connexion à l'appareil, afin que personne ne puisse utiliser ailleurs un cookie volé. Chrome et Edge sous Windows le peuvent à partir de la version 145, sur un ordinateur doté d'un TPM. Ouvrez la page dans l'un d'eux. S'il s'agit déjà de l'un d'eux, reconnectez-vous.",
  ],
  'too-many-requests': [
    'Trop de demandes',
    'De nombreuses demandes sont venues de votre réseau en une minute. Attendez une minute, puis réessayez.',
  ],
  'unknown-host': [
    'Site introuvable',
    "Il n'y a pas de site à cette adresse. Vérifiez l'adresse ou contactez votre administrateur.",
  ],
  'bad-address': [
    'Cette adresse ne peut pas être ouverte',
    "L'adresse ou l'en-tête Host n'est pas valide. Vérifiez l'adresse.",
  ],
  'not-found': [
    'Page introuvable',
    "Il n'y a pas de page à cette adresse. Vérifiez l'orthographe.",
  ],
  'ambiguous-path': [
    'Cette adresse ne peut pas être ouverte',
    "L'adresse peut se lire de plusieurs façons. Vérifiez l'orthographe.",
  ],
  loop: [
    'Ce site renvoie à lui-même',
    "L'adresse derrière ce site est le site lui-même, la demande ne finirait donc jamais. Contactez votre administrateur.",
  ],
  'origin-failed': [
    'Ce site ne répond pas',
    'Le site est injoignable pour le moment. Réessayez dans un instant.',
  ],
  'origin-slow': [
    'Ce site ne répond pas',
    'Le site a mis trop de temps à répondre. Réessayez dans un instant.',
  ],
  'access-denied': [
    "Vous n'avez pas accès à cette page",
    "S'il vous faut un accès, demandez-le à votre administrateur en lui indiquant le numéro de la demande ci-dessous.",
  ],
  'no-connection': [
    "La connexion n'est pas encore configurée",
    "Personne ne peut encore se connecter à ce site, car aucun fournisseur d'identité n'y est relié.",
  ],
  'user-disabled': [
    'Votre compte est désactivé',
    "Votre compte ne peut pas utiliser ce site. Demandez à votre administrateur de l'activer.",
  ],
  'not-provisioned': [
    "Vous n'avez pas de compte ici",
    "Ce site n'a pas encore de compte pour vous. Demandez à votre administrateur de vous ajouter. Si cela vient d'être fait, réessayez.",
  ],
  'several-provisioned': [
    'Plusieurs comptes correspondent',
    "Ce site a plusieurs comptes pour vous. Demandez à votre administrateur de n'en garder qu'un.",
  ],
  'unknown-login': [
    'Recommencez',
    'Cette connexion a pris trop de temps ou a été lancée dans un autre navigateur. Si vous voyez cette page à chaque fois, autorisez les cookies pour ce site.',
  ],
  replayed: ['Recommencez', 'Cette connexion a déjà servi, et chacune ne sert qu’une fois.'],
  'session-not-kept': [
    "Votre connexion n'a pas pu être conservée",
    'Vous vous êtes connecté trois fois en une minute, et chaque fois votre navigateur est revenu déconnecté. Attendez une minute, supprimez les cookies de ce site et réessayez. Si cela ne suffit pas, indiquez à votre administrateur le numéro de la demande ci-dessous.',
  ],
  'anew-in-vain': [
    "Se reconnecter n'a pas suffi",
    'Vous vous êtes reconnecté trois fois en une minute, et la page exige encore une connexion. Indiquez à votre administrateur le numéro de la demande ci-dessous.',
  ],
  'session-over': [
    'Votre connexion a expiré',
    "Votre fournisseur d'identité indique que votre session y est terminée. Reconnectez-vous auprès de lui.",
  ],
  'authn-too-old': [
    'Une nouvelle connexion est nécessaire',
    "Votre fournisseur d'identité ne vous a pas demandé de vous reconnecter : il a utilisé une connexion antérieure. Déconnectez-vous auprès de lui, puis réessayez.",
  ],
  'authn-context': [
    'Un autre type de connexion est nécessaire',
    "Cette page exige un autre type de connexion, par exemple avec un second facteur. Configurez-le auprès de votre fournisseur d'identité, puis réessayez, ou contactez votre administrateur.",
  ],
  'not-accepted': [
    'La connexion a échoué',
    "La réponse de votre fournisseur d'identité n'a pas été acceptée. Réessayez ou contactez votre administrateur.",
  ],
  'logout-refused': [
    "Cette déconnexion n'a pas été acceptée",
    "Votre fournisseur d'identité nous a demandé de vous déconnecter, mais son message n'a pas été accepté. Vous êtes peut-être encore connecté ici. Déconnectez-vous vous-même ou contactez votre administrateur.",
  ],
  'logout-unknown': [
    'Cette déconnexion ne peut pas continuer',
    "Elle a commencé dans un autre navigateur, ou elle a duré trop longtemps. Si vous n'êtes pas sûr d'être déconnecté, déconnectez-vous de nouveau.",
  ],
  status: [
    "Votre fournisseur d'identité ne vous a pas connecté",
    'Réessayez ou contactez votre administrateur.',
  ],
  'form-of-other': [
    "Ce formulaire est celui d'une autre personne",
    "Une autre personne a rempli ce formulaire, il n'a donc pas été envoyé. Pour l'envoyer, connectez-vous en tant que cette personne dans l'heure.",
  ],
  'form-sent': [
    'Ce formulaire a déjà été envoyé',
    "Vérifiez s'il est arrivé avant de le remplir à nouveau.",
  ],
  'form-spoilt': [
    'Ce formulaire ne peut plus être envoyé',
    "Un formulaire est conservé une heure, dans l'onglet où il a été rempli. Remplissez-le à nouveau.",
  ],
  'form-of-other-site': [
    "Ce formulaire n'a pas été envoyé",
    "Il venait d'un autre site, et ce site n'accepte que les formulaires de ses propres pages.",
  ],
}
