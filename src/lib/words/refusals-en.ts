/** Title and sentence of each page that stops a visitor. */
export const enRefusals = {
  'internal-error': [
    'Something went wrong',
    'This is our fault, not yours. Try again, or contact your administrator.',
  ],
  'temporarily-unavailable': [
    'Temporarily unavailable',
    'Your access cannot be checked right now. Try again in a few seconds.',
  ],
  'device-needed': [
    'This browser must be bound to its device',
    'This site accepts only browsers that bind a sign-in to the device, so that nobody can use a stolen cookie elsewhere. Chrome and Edge on Windows can do that, from version 145 on, on a computer with a TPM. Open the page in one of them. If this is one of them, sign in again.',
  ],
  'too-many-requests': [
    'Too many requests',
    'Many requests came from your network within a minute. Wait a minute, and try again.',
  ],
  'unknown-host': [
    'Site not found',
    'There is no site at this address. Check the address, or contact your administrator.',
  ],
  'bad-address': [
    "This address can't be opened",
    'The address or the Host header is not valid. Check the address.',
  ],
  'not-found': ['Page not found', 'There is no page at this address. Check the spelling.'],
  'ambiguous-path': [
    "This address can't be opened",
    'The address can be read in more than one way. Check the spelling.',
  ],
  loop: [
    'This site leads back to itself',
    'The address behind this site is the site itself, so the request would never end. Contact your administrator.',
  ],
  'origin-failed': [
    "This site isn't responding",
    'The site cannot be reached right now. Try again in a moment.',
  ],
  'origin-slow': [
    "This site isn't responding",
    'The site took too long to answer. Try again in a moment.',
  ],
  'access-denied': [
    "You don't have access to this page",
    'If you need access, ask your administrator, and give them the request number below.',
  ],
  'no-connection': [
    'Sign-in is not set up yet',
    'Nobody can sign in to this site yet, because no identity provider is connected to it.',
  ],
  'user-disabled': [
    'Your account is disabled',
    'Your account may not use this site. Ask your administrator to enable it.',
  ],
  'not-provisioned': [
    "You don't have an account here",
    'This site has no account for you yet. Ask your administrator to add you. If that has just been done, try again.',
  ],
  'several-provisioned': [
    'More than one account matches',
    'This site has several accounts for you. Ask your administrator to keep only one.',
  ],
  'unknown-login': [
    'Start again',
    'This sign-in took too long, or it was started in another browser. If you see this page every time, allow cookies for this site.',
  ],
  replayed: ['Start again', 'This sign-in was used already, and each one works only once.'],
  'session-not-kept': [
    "We couldn't keep you signed in",
    'You signed in three times within a minute, and each time your browser came back signed out. Wait a minute, delete the cookies of this site, and try again. If that does not help, give your administrator the request number below.',
  ],
  'anew-in-vain': [
    'Signing in again did not help',
    'You signed in again three times within a minute, and the page still needs another sign-in. Give your administrator the request number below.',
  ],
  'session-over': [
    'Your sign-in has expired',
    'Your identity provider says that your session there has ended. Sign in there again.',
  ],
  'authn-too-old': [
    'A new sign-in is needed',
    'Your identity provider did not ask you to sign in again, but used your earlier sign-in. Sign out there, then try again.',
  ],
  'authn-context': [
    'Another way to sign in is needed',
    'This page needs another kind of sign-in, for instance with a second factor. Set it up with your identity provider, then try again, or contact your administrator.',
  ],
  'not-accepted': [
    'You could not be signed in',
    "Your identity provider's answer was not accepted. Try again, or contact your administrator.",
  ],
  'logout-refused': [
    'This sign-out was not accepted',
    'Your identity provider asked us to sign you out, but its message was not accepted. You may still be signed in here. Sign out yourself, or contact your administrator.',
  ],
  'logout-unknown': [
    "This sign-out can't be continued",
    'It was started in another browser, or it took too long. If you are not sure that you are signed out, sign out again.',
  ],
  status: [
    'Your identity provider did not sign you in',
    'Try again, or contact your administrator.',
  ],
  'form-of-other': [
    "This form is another person's",
    'Another person filled in this form, so it was not sent. To send it, sign in as that person within an hour.',
  ],
  'form-sent': [
    'This form was already sent',
    'Check whether it arrived before you fill it in again.',
  ],
  'form-spoilt': [
    "This form can't be sent any more",
    'A form is kept for an hour, in the tab that it was filled in. Fill it in again.',
  ],
  'form-of-other-site': [
    'This form was not sent',
    'It came from another site, and this site accepts forms only from its own pages.',
  ],
} as const
