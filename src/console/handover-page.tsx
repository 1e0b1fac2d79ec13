/** The pages of a hand-over link. They show one connection, and nothing of the people who use it. */
import type { Child, FC } from 'hono/jsx'
import type { KeptAttempt } from '../attempt/attempt.ts'
import type { HandOver } from '../admin/handover-store.ts'
import { HANDOVER_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import type { Flash } from './flash.ts'
import { MetadataFields } from './metadata-fields.tsx'
import { Outcome } from './parts.tsx'
import { respond, stop } from './respond.tsx'
import { SetUpView, type SetUpProps } from './set-up-view.tsx'
import { Table, Time } from './ui.tsx'

export interface HandedProps extends Omit<
  SetUpProps,
  'here' | 'hrefFor' | 'metadataForm' | 'testForm' | 'tokenForm'
> {
  readonly handOver: HandOver
  /** Metadata that were refused; null: none were. */
  readonly given: string | null
  /** Whether a sign-in can be tested. */
  readonly canTest: boolean
  /** The last test since the link was opened; null: there was none. */
  readonly test: KeptAttempt | null
}

export const handedPage = (
  props: HandedProps,
  { status, flash }: { readonly status: number; readonly flash: Flash | null },
  visit: Visit,
): Promise<Response> =>
  respond(
    {
      status,
      title: `Set up ${props.setUp.connection.displayName}`,
      section: null,
      admin: null,
      handedTo: props.handOver.label,
      flash,
      body: <Body {...props} />,
    },
    visit,
  )

const Body: FC<HandedProps> = (props) => {
  const { handOver, setUp, idp, given } = props
  const hrefFor = (each: string) => `${HANDOVER_PATH}?for=${each}`
  const mayMakeToken = handOver.mayMakeToken && handOver.token === null
  return (
    <>
      <p class="lead">
        This page connects your identity provider to {props.siteUrl}. It is open in this browser
        until <Time at={handOver.expiresAt} />.
      </p>
      <SetUpView
        {...props}
        here={hrefFor(idp)}
        hrefFor={hrefFor}
        metadataForm={
          <Send
            action="metadata"
            idp={idp}
            label={setUp.hasMetadata ? 'Give metadata again' : 'Give metadata'}
          >
            <MetadataFields given={given} />
          </Send>
        }
        testForm={
          props.canTest ? (
            <Send action="test" idp={idp} label="Test a sign-in">
              {props.test ? <TestResult test={props.test} /> : null}
              <p>
                You sign in at your identity provider for real, and see every check of its answer.
                Nobody is signed in here.
              </p>
            </Send>
          ) : null
        }
        tokenForm={
          mayMakeToken ? (
            <Send action="token" idp={idp} label="Make the token">
              <p>You may make one token. It is shown once, and works for a year.</p>
            </Send>
          ) : null
        }
      />
      <Send action="done" idp={idp} label="I am done">
        <p>When everything works, end this here. The link and this page then work no more.</p>
      </Send>
    </>
  )
}

/** The checks, and nothing of the person who signed in. */
const TestResult: FC<{ readonly test: KeptAttempt }> = ({ test: { at, reason, findings } }) => (
  <>
    <p>
      The last test, <Time at={at} />: <Outcome reason={reason} />
    </p>
    <Table
      caption="Checks of the answer"
      head={['Check', 'Result']}
      rows={findings.map(({ check, reason: fault, says }) => [
        check,
        fault === null ? 'passed' : `${fault}: ${says ?? 'failed'}`,
      ])}
    />
  </>
)

interface SendProps {
  readonly action: 'metadata' | 'test' | 'token' | 'done'
  readonly idp: string
  readonly label: string
  readonly children?: Child
}

const Send: FC<SendProps> = ({ action, idp, label, children }) => (
  <form
    method="post"
    action={`${HANDOVER_PATH}/${action}`}
    enctype={action === 'metadata' ? 'multipart/form-data' : undefined}
    class="form"
  >
    <input type="hidden" name="for" value={idp} />
    {children}
    <button>{label}</button>
  </form>
)

/** Only the button opens it: a program that looks at links in messages must not use it up. */
export const openPage = (code: string, { label }: HandOver, visit: Visit): Promise<Response> =>
  stop(
    {
      status: 200,
      title: 'Set up single sign-on',
      body: (
        <>
          <p>
            This link is for {label}. It opens, in this browser and for 24 hours, the page on which
            you connect your identity provider. It works once.
          </p>
          <form method="post" action={`${HANDOVER_PATH}/enter`}>
            <input type="hidden" name="code" value={code} />
            <button>Open</button>
          </form>
        </>
      ),
    },
    visit,
  )

/** Opened before, over, revoked, or never made: they all look the same. */
export const deadHandOverPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'This link no longer works',
      body: (
        <p>
          A link to set up single sign-on works once, in one browser, for a limited time. Ask the
          people who sent it to you for a new one.
        </p>
      ),
    },
    visit,
  )

export const elsewherePage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 403,
      title: 'This did not come from the set-up page',
      body: (
        <>
          <p>Another page sent this request, so nothing was changed. Do it on the set-up page.</p>
          <a class="button" href={HANDOVER_PATH}>
            Open the set-up page
          </a>
        </>
      ),
    },
    visit,
  )

export const tooMuchPage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 413,
      title: 'This is too large',
      body: <p>A file may have 1 MB. Go back, and give the part about your identity provider.</p>,
    },
    visit,
  )

export const donePage = (visit: Visit): Promise<Response> =>
  stop(
    {
      status: 200,
      title: 'Thank you',
      body: <p>The set-up is handed back. You can close this page.</p>,
    },
    visit,
  )
