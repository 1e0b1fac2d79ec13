import { frPrograms } from './programs-fr.ts'
import { frRefusals } from './refusals-fr.ts'
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

  refusals: frRefusals,
}
