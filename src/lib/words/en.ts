import { enPrograms } from './programs-en.ts'
import { enRefusals } from './refusals-en.ts'

/**
 * The English texts of our pages. Their type binds the other languages. A part in braces is filled
 * in by the page.
 */
export const en = {
  requestNumber: 'Request number',
  protectedBy: 'Protected by Gatehouse',
  help: 'Get help',
  toHome: 'Go to the home page',
  continue: 'Continue',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  signInNewTab: 'Sign in in a new tab',
  reloadTab: 'Come back to this tab and reload it.',
  tryAgain: 'Try again',
  otherAccount: 'Use another account',
  signOut: 'Sign out',
  youAre: 'You are signed in as {person}',

  signingIn: 'Signing you in',
  leadingOn: 'We are taking you to your sign-in page.',
  ifNothing: 'If nothing happens, {link}.',
  ifNothingLink: 'continue',
  addressTooLong: 'The address of this page is too long to keep for you without JavaScript.',

  continueWith: 'Continue with {provider}',
  orOther: 'Or use another account:',
  workEmail: 'Work email',
  unknownEmail: "We don't know how to sign you in with this address. Check the spelling.",
  unknownEmailListed:
    "We don't know how to sign you in with this address. Check the spelling, or choose from the list.",
  signInWith: 'Sign in with:',
  orSignInWith: 'Or sign in with:',
  noConnectionNext:
    'If you run this site, add a connection to your identity provider, or enable one for this site. The guides in the documentation of Gatehouse show each step for Okta, Entra ID, OneLogin and other identity providers.',

  goOnTitle: 'Sign in again?',
  goOn: 'You signed out of {site}. You are still signed in as {person}.',
  continueAs: 'Continue as {person}',
  signedInWith: 'You signed in with {provider} as {person}',
  startAgain: "This page can't be opened by itself: it is one step of signing in.",

  signedIn: 'You are signed in',
  closeWindow: 'You can close this window and continue where you were.',
  takingBack:
    'We are taking you to the page that you asked for. If nothing happens, your browser did not keep its address. Open your link again, or go to the home page.',

  switchTitle: 'Switch accounts?',
  switchAsk:
    'Another sign-in has just finished, for {person}. If you did not start it yourself, keep your account.',
  keepAccount: 'Keep my account',
  switchTo: 'Switch to {person}',

  signOutTitle: 'Sign out?',
  signOutHere: 'You will be signed out in this browser.',
  signOutSites: "You may be signed in at your company's other sites in this browser.",
  signOutAll: 'Sign out of all sites',
  signOutOnly: 'Sign out of {site} only',
  signedOut: 'You are signed out',
  stillAtSites:
    "You are still signed in at your company's other sites in this browser. If other people use this computer, sign out there too.",
  stillAtIdp:
    'You may still be signed in with your identity provider. If other people use this computer, sign out there too.',
  wasSignedOut:
    "You were already signed out here, but you may still be signed in at your company's other sites.",
  signOutThere: 'Sign out there',
  signOutIdp: 'Sign out here and at {provider}',
  signOutAllIdp: 'Sign out of all sites and at {provider}',
  signedOutHere: 'You are signed out here',
  endedHere: 'You are signed out of all sites in this browser.',
  leadingToIdp: 'We are taking you to {provider}, to sign you out there too.',
  ifSilent: 'If {provider} does not answer, {link}.',
  ifSilentLink: 'see what has ended',
  idpAll: 'You are signed out at {provider} too.',
  idpPartial:
    '{provider} signed you out, but not of every application that you used with it. If other people use this computer, close the browser.',
  idpFailed:
    '{provider} did not sign you out. You may still be signed in there. If other people use this computer, sign out there too.',
  idpSilent:
    '{provider} has not answered. You may still be signed in there. If other people use this computer, sign out there too.',
  idpUnverified:
    'The answer of {provider} could not be verified. You may still be signed in there. If other people use this computer, sign out there too.',
  byIdp: '{provider} has signed you out, and so you are signed out of all sites here.',
  tellingIdp: 'We are telling {provider} that you are signed out here.',
  toSite: 'Continue to {site}',

  yourSites: 'Your sites',
  noSites: 'No site is open to you here. If you expected one, ask your administrator for access.',
  searchSites: 'Search your sites',
  search: 'Search',
  foundNone: 'None of your {count} sites match “{search}”.',
  foundOne: '{found} of your {count} sites matches “{search}”.',
  foundOther: '{found} of your {count} sites match “{search}”.',
  showAll: 'Show all',
  whereSignedIn: 'Where you are signed in',
  thisBrowser: 'This browser',
  unknownBrowser: 'Unknown browser',
  browserOn: '{browser} on {system}',
  sinceSeen: 'Since {since}, last seen {seen}',
  seenNow: 'now',
  seenJustNow: 'less than a minute ago',
  boundAt: 'Bound to its device at {sites}',
  atSites: 'At {sites}',
  signOutHereLabel: 'Sign out: this browser',
  signOutLabel: 'Sign out: {place}, since {since}',
  signOutEverywhere: 'Sign out in all browsers',
  ...enPrograms,
  formSignIn: 'Sign in to send this form',
  formKept:
    'You are not signed in, so the form was not sent yet. What you typed is kept in this tab for an hour. After sign-in you see it again, and decide whether to send it.',
  formKeptAnew:
    'A new sign-in is needed, so the form was not sent yet. What you typed is kept in this tab for an hour. After sign-in you see it again, and decide whether to send it.',
  formHeld:
    "You are not signed in, so the form was not sent yet. What you typed is not lost: keep this tab open, and don't go back.",
  formHeldAnew:
    "A new sign-in is needed, so the form was not sent yet. What you typed is not lost: keep this tab open, and don't go back.",
  formReload:
    'Come back to this tab and reload it. If your browser asks, choose to send the form again.',
  formBack: 'Come back to this tab:',
  formContinue: 'Continue with the form',
  formSendTitle: 'Send this form?',
  formSend: 'You are signed in as {person}. This form has not been sent yet. It goes to {address}.',
  send: 'Send',
  dontSend: "Don't send it",
  fieldText: 'Text',
  fieldForm: 'Form',
  bytesOne: '{count} byte',
  bytesOther: '{count} bytes',
  moreFieldsOne: 'And {count} more field.',
  moreFieldsOther: 'And {count} more fields.',

  needs: 'This page needs {missing}.',
  ruleSignIn: 'a sign-in',
  ruleGroup: 'group {name}',
  ruleGroupId: 'group with id {id}',
  ruleEmail: 'email {email}',
  ruleDomain: 'an email at {domain}',
  ruleAttribute: 'attribute {name}',
  ruleConnection: 'connection {name}',
  ruleService: 'service {name}',
  ruleOfConnection: '{rule} of connection {name}',
  ruleCountry: 'country {countries}',
  ruleIp: 'an address in {ranges}',
  ruleMethod: 'method {methods}',
  ruleContext: 'sign-in by {classes}',
  ruleDevice: 'a session that is bound to the device',
  ruleWithin: 'a sign-in within {time}',
  ruleHours: 'the time {hours}',
  ruleAny: 'any of ({rules})',
  ruleAll: 'all of ({rules})',
  ruleNot: 'not ({rule})',
  ruleNotKnown: '{rule} (not known: {facts})',
  or: 'or',
  days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  facts: {
    connection: 'connection',
    groups: 'groups',
    email: 'email',
    attributes: 'attributes',
    country: 'country',
    ip: 'ip',
    method: 'method',
    authnContext: 'authnContext',
    authnInstant: 'authnInstant',
    signedInAt: 'signedInAt',
    time: 'time',
    session: 'session',
    device: 'device',
  },

  idpWords: {
    none: 'It did not say why.',
    AuthnFailed: 'It could not confirm who you are.',
    NoAuthnContext: 'It cannot sign you in the way this site asks for.',
    RequestDenied: 'It does not allow your account to use this site.',
    UnknownPrincipal: 'It does not know your account.',
  },

  refusals: enRefusals,
} as const
