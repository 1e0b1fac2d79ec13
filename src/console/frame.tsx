/** The frame of every page of the console: menu, message of the last change, footer. */
import type { Child, FC } from 'hono/jsx'
import { icon } from '../lib/page.ts'
import { ASSETS_PATH, CONSOLE_PATH, LOGOUT_PATH, TEST_PATH } from '../lib/paths.ts'
import type { Admin } from './admin.ts'
import type { Flash } from './flash.ts'
import { Action, Copy } from './ui.tsx'

const sections = [
  ['', 'Overview'],
  ['/connections', 'Connections'],
  ['/people', 'People'],
  ['/groups', 'Groups'],
  ['/sites', 'Sites'],
  ['/service-tokens', 'Service tokens'],
  ['/sign-ins', 'Sign-ins'],
  ['/audit', 'Audit'],
  ['/settings', 'Settings'],
] as const

export interface FrameProps {
  readonly title: string
  readonly section: string | null
  readonly body: Child
  readonly admin: Admin | null
  /** The people that a hand-over link is for. They see a whole page, without the menu. */
  readonly handedTo?: string
  readonly flash: Flash | null
  /** The page, below /.gatehouse/admin: to undo a change leads back to it. */
  readonly here: string
  readonly requestId: string
}

export const Frame: FC<FrameProps> = ({
  title,
  section,
  body,
  admin,
  handedTo,
  flash,
  here,
  requestId,
}) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>{title} · Gatehouse</title>
      <link rel="icon" href={icon} />
      <link rel="stylesheet" href={`${ASSETS_PATH}/console.css`} />
      <script src={`${ASSETS_PATH}/console.js`} type="module" />
    </head>
    <body class={admin ? 'console' : handedTo === undefined ? 'alone' : 'handed'}>
      {admin ? (
        <>
          <a class="skip" href="#main">
            Skip to the page
          </a>
          <Head admin={admin} />
          <nav aria-label="Console">
            <ul>
              {sections.map(([path, name]) => (
                <li>
                  <a
                    href={`${CONSOLE_PATH}${path}`}
                    aria-current={path === section ? 'page' : undefined}
                  >
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </>
      ) : null}
      {handedTo === undefined ? null : (
        <header>
          <p class="mark">Gatehouse</p>
          <p class="me">{handedTo}</p>
        </header>
      )}
      <main id="main">
        {flash ? <Message flash={flash} here={here} /> : null}
        <h1>{title}</h1>
        {body}
      </main>
      <footer>
        <p>
          Request number <code>{requestId}</code>
        </p>
      </footer>
    </body>
  </html>
)

const Head: FC<{ readonly admin: Admin }> = ({ admin }) => (
  <header>
    <p class="mark">
      <a href={CONSOLE_PATH}>Gatehouse</a>
    </p>
    <p class="me">
      {admin.name} <span class="badge">{admin.role}</span>
    </p>
    <form method="post" action={admin.isByLink ? `${CONSOLE_PATH}/leave` : LOGOUT_PATH}>
      <button class="quiet">{admin.isByLink ? 'Leave' : 'Sign out'}</button>
    </form>
  </header>
)

const Message: FC<{ readonly flash: Flash; readonly here: string }> = ({
  flash: { isProblem, sentences, secret, undo },
  here,
}) => (
  <div class={isProblem ? 'message problem' : 'message'} role="status">
    {sentences.map((sentence) => (
      <p>{sentence}</p>
    ))}
    {secret === null ? null : (
      <>
        {isTest(secret) ? (
          <p>
            <a class="button" href={secret} target="_blank" rel="noreferrer">
              Begin the test
            </a>{' '}
            in a tab of its own
          </p>
        ) : null}
        <Copy label={isTest(secret) ? 'Or open it elsewhere' : 'The secret'} value={secret} />
        <p class="soft">It is shown only now. Gatehouse keeps no copy.</p>
      </>
    )}
    {undo ? (
      <Action operation={undo.operation} input={undo.input} back={here} label="Undo" />
    ) : null}
  </div>
)

/** Only the link of a test is for the admin's own browser. */
const isTest = (secret: string): boolean =>
  URL.canParse(secret) && new URL(secret).pathname === TEST_PATH
