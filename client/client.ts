/**
 * `/.gatehouse/client.js`: signs the person in again in a window of its own, and repeats the request
 * that needed it, so that a single-page app loses nothing. docs/single-page-apps.md is its manual;
 * `npm run client` makes src/login/client-script.ts from it.
 */

/** What `/.gatehouse/me` says: the person of the session, or of one that has ended. */
interface Me {
  readonly signedIn: boolean
  readonly id: string | null
}

const own = (path: string): URL => new URL(path, import.meta.url)
const { origin } = own('.')
/** Taken now: a page may put ours in its place. */
const send = self.fetch.bind(self)

/** The id of the person that this page belongs to: the first one that it knows of. */
let person: string | null = null
let signingIn: Promise<Me | null> | null = null

/** @returns null if nobody can tell, as while the browser is offline. */
async function findMe(): Promise<Me | null> {
  const me = await send(own('me'), { credentials: 'include', cache: 'no-store' })
    .then((answer): Promise<Me> => answer.json())
    .catch(() => null)
  person ??= me?.id ?? null
  return me
}
/** Many requests at the start ask once. */
let asking: Promise<unknown> | null = null
const learnPerson = (): Promise<unknown> =>
  (asking ??= findMe().finally(() => {
    asking = null
  }))
void learnPerson()

/** Like the browser's own `fetch`. A request that needs sign-in is sent again after it, once. */
async function fetchSignedIn(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const isRequest = input instanceof Request
  if (new URL(isRequest ? input.url : input, document.baseURI).origin !== origin) {
    return send(input, init)
  }
  if (!person) await learnPerson()
  const first = toRequest(isRequest ? input.clone() : input, init)
  const { method, signal } = first
  const answer = await send(first)
  const isAsked = answer.headers.get('WWW-Authenticate')?.startsWith('Gatehouse ')
  if (answer.status !== 401 || !isAsked) return answer
  const me = await Promise.race([
    signIn(),
    new Promise<never>((_, reject) => {
      signal.throwIfAborted()
      signal.addEventListener('abort', () => reject(signal.reason))
    }),
  ])
  if (!me?.signedIn) return answer
  // The gate refuses this by itself for a method that changes anything (`toRequest`).
  if (me.id !== person && isRead(method)) {
    return Response.json({ error: 'other-person' }, { status: 403 })
  }
  // A stream can be read once only.
  return init?.body instanceof ReadableStream ? answer : send(toRequest(input, init))
}

/** The gate refuses a request that is made for another person than the one who is signed in. */
function toRequest(input: RequestInfo | URL, init?: RequestInit): Request {
  const request = new Request(input, init)
  const { headers, method } = request
  if (person && !isRead(method)) headers.set('X-Gatehouse-Person', person)
  return request
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Requests that need sign-in at the same time share one. Call it in a click, or the browser may
 * block the window. */
const signIn = (): Promise<Me | null> =>
  (signingIn ??= signInOnce().finally(() => {
    signingIn = null
  }))

async function signInOnce(): Promise<Me | null> {
  const popup = open() ?? (await askPage())
  if (!popup) return null
  await untilDone(popup)
  return findMe()
}

function open(): Window | null {
  // Nobody can guess the name: a page that opened this one could have a window of that name ready,
  // and keep hold of the sign-in.
  const name = crypto.randomUUID()
  const popup = window.open('', name, 'popup,width=480,height=640')
  if (!popup) return null
  // A form: a service worker of the site may answer a link by itself.
  const form = document.createElement('form')
  const to = encodeURIComponent(own('signed-in').pathname)
  Object.assign(form, { method: 'post', target: name, action: own(`login?to=${to}`).href })
  document.body.append(form)
  form.submit()
  form.remove()
  return popup
}

/** The browser blocked the window. The page may show a button that opens it. */
const askPage = (): Promise<Window | null> =>
  new Promise((resolve) => {
    const detail = { signIn: () => resolve(open()), cancel: () => resolve(null) }
    const event = new CustomEvent('gatehouse:blocked', { cancelable: true, detail })
    if (dispatchEvent(event)) resolve(null)
  })

const untilDone = (popup: Window): Promise<void> =>
  new Promise((resolve) => {
    const channel = new BroadcastChannel('gatehouse')
    const hear = (event: MessageEvent): void => {
      if (event.origin === origin && event.data?.type === 'gatehouse:signed-in') done()
    }
    // A page of the identity provider may have cut the window off. Then it counts as closed while
    // the person is still at it, but this page has no focus.
    const timer = setInterval(() => {
      if (popup.closed && document.hasFocus()) done()
    }, 250)
    function done(): void {
      clearInterval(timer)
      removeEventListener('message', hear)
      channel.close()
      popup.close()
      resolve()
    }
    channel.addEventListener('message', hear)
    addEventListener('message', hear)
  })

export { fetchSignedIn as fetch, signIn }
