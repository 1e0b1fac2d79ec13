import { frPrograms } from './programs-fr.ts'
import type { Texts } from './texts.ts'

export const fr: Texts = {
  requestNumber: 'Numéro de la demande',
  protectedBy: 'Protégé par Gatehouse',
  help: "Obtenir de l'aide",
  toHome: "Aller à la page d'accueil",
  continue: 'Continuer',
  signIn: 'Se connecter',
  signInAgain: 'Se reconnecter',
  signInNewTab: 'Se connecter dans un nouvel onglet',
  reloadTab: 'Revenez à cet onglet et rechargez-le.',
  tryAgain: 'Réessayer',
  otherAccount: 'Utiliser un autre compte',
  signOut: 'Se déconnecter',
  youAre: 'Vous êtes connecté en tant que {person}',

  signingIn: 'Connexion en cours',
  leadingOn: 'Nous vous dirigeons vers votre page de connexion.',
  ifNothing: 'Si rien ne se passe, {link}.',
  ifNothingLink: 'continuez ici',
  addressTooLong: "L'adresse de cette page est trop longue pour être conservée sans JavaScript.",

  continueWith: 'Continuer avec {provider}',
  orOther: 'Ou utilisez un autre compte :',
  workEmail: 'Adresse e-mail professionnelle',
  unknownEmail:
    "Nous ne savons pas comment vous connecter avec cette adresse. Vérifiez l'orthographe.",
  unknownEmailListed:
    "Nous ne savons pas comment vous connecter avec cette adresse. Vérifiez l'orthographe ou choisissez dans la liste.",
  signInWith: 'Se connecter avec :',
  orSignInWith: 'Ou se connecter avec :',
  noConnectionNext:
    "Si vous gérez ce site, ajoutez une connexion à votre fournisseur d'identité ou activez-en une pour ce site. Les guides de la documentation de Gatehouse montrent chaque étape pour Okta, Entra ID, OneLogin et d'autres fournisseurs d'identité.",

  goOnTitle: 'Se reconnecter ?',
  goOn: 'Vous vous êtes déconnecté de {site}. Vous êtes toujours connecté en tant que {person}.',
  continueAs: 'Continuer en tant que {person}',
  signedInWith: 'Vous vous êtes connecté avec {provider} en tant que {person}',
  startAgain: "Cette page ne peut pas être ouverte seule : c'est une étape de la connexion.",

  signedIn: 'Vous êtes connecté',
  closeWindow: 'Vous pouvez fermer cette fenêtre et reprendre là où vous étiez.',
  takingBack:
    "Nous vous dirigeons vers la page demandée. Si rien ne se passe, votre navigateur n'a pas conservé son adresse. Rouvrez votre lien ou allez à la page d'accueil.",

  switchTitle: 'Changer de compte ?',
  switchAsk:
    "Une autre connexion vient d'aboutir, pour {person}. Si vous ne l'avez pas lancée vous-même, gardez votre compte.",
  keepAccount: 'Garder mon compte',
  switchTo: 'Passer à {person}',

  signOutTitle: 'Se déconnecter ?',
  signOutHere: 'Vous serez déconnecté dans ce navigateur.',
  signOutSites:
    "Vous êtes peut-être aussi connecté à d'autres sites de votre entreprise dans ce navigateur.",
  signOutAll: 'Se déconnecter de tous les sites',
  signOutOnly: 'Se déconnecter de {site} seulement',
  signedOut: 'Vous êtes déconnecté',
  stillAtSites:
    "Vous êtes toujours connecté aux autres sites de votre entreprise dans ce navigateur. Si d'autres personnes utilisent cet ordinateur, déconnectez-vous aussi de ces sites.",
  stillAtIdp:
    "Vous êtes peut-être toujours connecté à votre fournisseur d'identité. Si d'autres personnes utilisent cet ordinateur, déconnectez-vous aussi de celui-ci.",
  wasSignedOut:
    'Vous étiez déjà déconnecté ici, mais vous êtes peut-être toujours connecté aux autres sites de votre entreprise.',
  signOutThere: 'Se déconnecter de ces sites',
  signOutIdp: 'Se déconnecter ici et de {provider}',
  signOutAllIdp: 'Se déconnecter de tous les sites et de {provider}',
  signedOutHere: 'Vous êtes déconnecté ici',
  endedHere: 'Vous êtes déconnecté de tous les sites dans ce navigateur.',
  leadingToIdp: 'Nous vous dirigeons vers {provider}, pour vous y déconnecter aussi.',
  ifSilent: 'Si {provider} ne répond pas, {link}.',
  ifSilentLink: 'voyez ce qui est terminé',
  idpAll: 'Vous êtes aussi déconnecté de {provider}.',
  idpPartial:
    "{provider} vous a déconnecté, mais pas de toutes les applications que vous avez utilisées avec lui. Si d'autres personnes utilisent cet ordinateur, fermez le navigateur.",
  idpFailed:
    "{provider} ne vous a pas déconnecté. Vous y êtes peut-être encore connecté. Si d'autres personnes utilisent cet ordinateur, déconnectez-vous aussi là-bas.",
  idpSilent:
    "{provider} n'a pas répondu. Vous y êtes peut-être encore connecté. Si d'autres personnes utilisent cet ordinateur, déconnectez-vous aussi là-bas.",
  idpUnverified:
    "La réponse de {provider} n'a pas pu être vérifiée. Vous y êtes peut-être encore connecté. Si d'autres personnes utilisent cet ordinateur, déconnectez-vous aussi là-bas.",
  byIdp: '{provider} vous a déconnecté, et vous êtes donc déconnecté de tous les sites ici.',
  tellingIdp: 'Nous informons {provider} que vous êtes déconnecté ici.',
  toSite: 'Continuer vers {site}',

  yourSites: 'Vos sites',
  noSites:
    "Aucun site ne vous est ouvert ici. Si vous en attendiez un, demandez l'accès à votre administrateur.",
  searchSites: 'Rechercher dans vos sites',
  search: 'Rechercher',
  foundNone: 'Aucun de vos {count} sites ne correspond à « {search} ».',
  foundOne: '{found} de vos {count} sites correspond à « {search} ».',
  foundOther: '{found} de vos {count} sites correspondent à « {search} ».',
  showAll: 'Tout afficher',
  whereSignedIn: 'Où vous êtes connecté',
  thisBrowser: 'Ce navigateur',
  unknownBrowser: 'Navigateur inconnu',
  browserOn: '{browser} sur {system}',
  sinceSeen: 'Depuis le {since}, dernière activité : {seen}',
  seenNow: 'maintenant',
  seenJustNow: "il y a moins d'une minute",
  boundAt: 'Lié à son appareil sur {sites}',
  atSites: 'Sur {sites}',
  signOutHereLabel: 'Se déconnecter : ce navigateur',
  signOutLabel: 'Se déconnecter : {place}, depuis le {since}',
  signOutEverywhere: 'Se déconnecter dans tous les navigateurs',
  ...frPrograms,
  formSignIn: 'Connectez-vous pour envoyer ce formulaire',
  formKept:
    "Vous n'êtes pas connecté, le formulaire n'a donc pas encore été envoyé. Votre saisie est conservée dans cet onglet pendant une heure. Après la connexion, vous la reverrez et déciderez de l'envoyer ou non.",
  formKeptAnew:
    "Une nouvelle connexion est nécessaire, le formulaire n'a donc pas encore été envoyé. Votre saisie est conservée dans cet onglet pendant une heure. Après la connexion, vous la reverrez et déciderez de l'envoyer ou non.",
  formHeld:
    "Vous n'êtes pas connecté, le formulaire n'a donc pas encore été envoyé. Votre saisie n'est pas perdue : laissez cet onglet ouvert et ne revenez pas en arrière.",
  formHeldAnew:
    "Une nouvelle connexion est nécessaire, le formulaire n'a donc pas encore été envoyé. Votre saisie n'est pas perdue : laissez cet onglet ouvert et ne revenez pas en arrière.",
  formReload:
    'Revenez à cet onglet et rechargez-le. Si votre navigateur le demande, choisissez de renvoyer le formulaire.',
  formBack: 'Revenez à cet onglet :',
  formContinue: 'Continuer avec le formulaire',
  formSendTitle: 'Envoyer ce formulaire ?',
  formSend:
    "Vous êtes connecté en tant que {person}. Ce formulaire n'a pas encore été envoyé. Il sera envoyé à {address}.",
  send: 'Envoyer',
  dontSend: 'Ne pas envoyer',
  fieldText: 'Texte',
  fieldForm: 'Formulaire',
  bytesOne: '{count} octet',
  bytesOther: '{count} octets',
  moreFieldsOne: 'Et {count} autre champ.',
  moreFieldsOther: 'Et {count} autres champs.',

  needs: 'Cette page exige : {missing}.',
  ruleSignIn: 'une connexion',
  ruleGroup: 'groupe {name}',
  ruleGroupId: "groupe avec l'identifiant {id}",
  ruleEmail: 'adresse e-mail {email}',
  ruleDomain: 'une adresse e-mail de {domain}',
  ruleAttribute: 'attribut {name}',
  ruleConnection: 'connexion {name}',
  ruleService: 'le service {name}',
  ruleOfConnection: '{rule} de la connexion {name}',
  ruleCountry: 'pays {countries}',
  ruleIp: 'une adresse IP dans {ranges}',
  ruleMethod: 'méthode {methods}',
  ruleContext: 'connexion par {classes}',
  ruleDevice: "une session liée à l'appareil",
  ruleWithin: 'une connexion datant de moins de {time}',
  ruleHours: "l'heure {hours}",
  ruleAny: "l'un de ({rules})",
  ruleAll: 'tous ({rules})',
  ruleNot: 'pas ({rule})',
  ruleNotKnown: '{rule} (inconnu : {facts})',
  or: 'ou',
  days: ['dim', 'lun', 'mar', 'mer', 'jeu', 'ven', 'sam'],
  facts: {
    connection: 'connexion',
    groups: 'groupes',
    email: 'adresse e-mail',
    attributes: 'attributs',
    country: 'pays',
    ip: 'adresse IP',
    method: 'méthode',
    authnContext: 'type de connexion',
    authnInstant: 'heure de connexion',
    signedInAt: 'début de la session',
    time: 'heure',
    session: 'session',
    device: 'appareil',
  },

  idpWords: {
    none: "Il n'a pas indiqué la raison.",
    AuthnFailed: "Il n'a pas pu confirmer votre identité.",
    NoAuthnContext: 'Il ne peut pas vous connecter de la façon exigée par ce site.',
    RequestDenied: "Il n'autorise pas votre compte à utiliser ce site.",
    UnknownPrincipal: 'Il ne connaît pas votre compte.',
  },

  refusals: {
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
  },
}
