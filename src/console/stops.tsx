/** Pages of the console that let nobody on: what is wrong, and what to do next. */
import { raw } from 'hono/html'
import type { Operation } from '../admin/operation.ts'
import { loginForm } from '../lib/login-form.ts'
import { CONSOLE_PATH, HOME_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import type { Admin } from './admin.ts'
import { stop } from './respond.tsx'

/** Signed in, but no rule of `admins` is met. */
export const strangerPage = (name: string, visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'The console is not open to you',
      body: (
        <>
          <p>
            You are signed in as {name}. If you administer Gatehouse, ask a colleague to add you to{' '}
            <code>admins</code> in <code>gatehouse.config.ts</code>, or open a one-time link of{' '}
            <code>npx gatehouse admin link --remote</code>.
          </p>
          <div class="actions">
            <a class="button" href={HOME_PATH}>
              Go to your sites
            </a>
            <form method="post" action={LOGOUT_PATH}>
              <button class="quiet">Sign out</button>
            </form>
          </div>
        </>
      ),
    },
    visit,
  )

/**
 * @param to a page of the console.
 * @param contexts as a policy asks for them; empty: any new sign-in will do.
 */
export async function signInAgainPage(
  to: string,
  contexts: readonly string[],
  visit: Visit,
): Promise<Response> {
  const form = await loginForm({
    label: 'Sign in again',
    connection: null,
    to: CONSOLE_PATH + to,
    isFresh: false,
    isPrimary: true,
    anew: contexts,
  })
  return stop(
    {
      status: 403,
      title: 'Sign in again first',
      body: (
        <>
          <p>
            This needs a sign-in of the last 15 minutes. Nothing was changed. After you have signed
            in, do it again.
          </p>
          <div class="actions">
            {raw(String(form))}
            <a class="button quiet" href={CONSOLE_PATH + to}>
              Back
            </a>
          </div>
        </>
      ),
    },
    visit,
  )
}

/** A one-time link is an hour old at most, and counts for 15 minutes where a recent sign-in is needed. */
export const newLinkPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'Open a new link first',
      body: (
        <p>
          This needs a link that was opened in the last 15 minutes. Nothing was changed. Make one:{' '}
          <code>npx gatehouse admin link --remote</code>.
        </p>
      ),
    },
    visit,
  )

/** Otherwise an owner who lost the role could stay for good, by a token or one link after another. */
export const noWayInByLinkPage = ({ name }: Operation, visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: name === 'admin link' ? 'A link makes no other link' : 'A link makes no token',
      body: (
        <p>
          You are here by a link. Sign in as an owner to make one, or run{' '}
          <code>npx gatehouse {name} --remote</code>.
        </p>
      ),
    },
    visit,
  )

export const notSamePage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'This did not come from the console',
      body: (
        <>
          <p>Another page sent this request, so nothing was changed. Do it in the console.</p>
          <a class="button" href={CONSOLE_PATH}>
            Open the console
          </a>
        </>
      ),
    },
    visit,
  )

export const tooLargePage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 413,
      title: 'This form is too large',
      body: <p>A form of the console may have 1 MB. Go back, and send less.</p>,
    },
    visit,
  )

/** The link was followed already, or nobody may follow it any more. */
export const deadLinkPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'This link no longer works',
      body: (
        <p>
          A link into the console works once, for 15 minutes. Make another one:{' '}
          <code>npx gatehouse admin link --remote</code>.
        </p>
      ),
    },
    visit,
  )

export const enterPage = (code: string, visit: Visit): Promise<Response> =>
  stop(
    {
      status: 200,
      title: 'Enter the console',
      body: (
        <>
          <p>
            This link opens the console of Gatehouse in this browser, for an hour. It works once.
          </p>
          <form method="post" action={`${CONSOLE_PATH}/enter`}>
            <input type="hidden" name="code" value={code} />
            <button>Enter</button>
          </form>
        </>
      ),
    },
    visit,
  )

/** The admin's role does not cover it, or there is no such page (null). */
export const forbiddenPage = (admin: Admin | null, visit: Visit): Promise<Response> =>
  stop(
    admin
      ? {
          status: 403,
          title: 'Your role does not cover this',
          body: (
            <>
              <p>
                You are {admin.name}, with the role {admin.role}. Ask an owner to do it, or to give
                you another role under <code>admins</code> in <code>gatehouse.config.ts</code>.
              </p>
              <a class="button" href={CONSOLE_PATH}>
                Back to the console
              </a>
            </>
          ),
        }
      : {
          status: 404,
          title: 'The console has no such page',
          body: (
            <a class="button" href={CONSOLE_PATH}>
              Open the console
            </a>
          ),
        },
    visit,
  )

export const leftPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 200,
      title: 'You have left the console',
      body: (
        <p>
          To come back, sign in, or make another link:{' '}
          <code>npx gatehouse admin link --remote</code>.
        </p>
      ),
    },
    visit,
  )

/** A site stands behind the login host. */
export const besideSitePage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'The console needs a host of its own',
      body: (
        <p>
          A script of the site at this host could use the console in your name. Give the console
          another host in <code>gatehouse.config.ts</code>:{' '}
          <code>{"loginHost: { url: 'https://login.example.com' }"}</code>. Or, if nobody else can
          change the scripts of the site, say <code>besideSite: true</code> under{' '}
          <code>admins</code>.
        </p>
      ),
    },
    visit,
  )

/** wrangler.toml does not bind the folder of the console's files. */
export const noAssetsPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 503,
      title: 'The console has no styles',
      body: (
        <>
          <p>Add this to wrangler.toml, and deploy again:</p>
          <pre>
            {
              '[assets]\ndirectory = "node_modules/@gatehouse/worker/assets"\nbinding = "ASSETS"\nrun_worker_first = true'
            }
          </pre>
        </>
      ),
    },
    visit,
  )
