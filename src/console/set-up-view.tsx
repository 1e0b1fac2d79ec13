/** The set-up of a connection: shown in the console, and to the people that a hand-over link is for. */
import type { Child, FC } from 'hono/jsx'
import type { OwnCertificate, SetUp } from '../admin/set-up.ts'
import { sloOf, spOf } from '../connection/sp.ts'
import type { Labels } from '../connection/labelled.ts'
import { idpNames, knownIdps, labelsFor, type KnownIdp } from '../connection/labels.ts'
import { metadataPlaces, scimLabelsFor } from '../connection/set-up.ts'
import { metadataPath, scimPath } from '../lib/paths.ts'
import { Card, Copy, Time, Values } from './ui.tsx'

export interface SetUpProps {
  readonly setUp: SetUp
  readonly idp: KnownIdp
  /** The login host. */
  readonly host: { readonly url: string }
  /** The address that people open first. */
  readonly siteUrl: string
  readonly certificates: readonly OwnCertificate[]
  /** This page, to look again. */
  readonly here: string
  /** The address of this page for another identity provider. */
  readonly hrefFor: (idp: KnownIdp) => string
  /** How metadata are given here. */
  readonly metadataForm: Child
  /** How a sign-in is tested here. null: it is not. */
  readonly testForm: Child | null
  /** How a SCIM token is made here. null: it is not. */
  readonly tokenForm: Child | null
}

interface Step {
  readonly id: string
  readonly title: string
  readonly isDone: boolean
  readonly note: Child
}

export const SetUpView: FC<SetUpProps> = (props) => {
  const { setUp, idp, host, siteUrl, certificates, here, hrefFor, metadataForm } = props
  const { connection } = setUp
  const { isFirst } = metadataPlaces[idp]
  const steps = stepsOf(props)
  const values = labelsFor(idp, {
    ...spOf(host, connection.id),
    sloUrl: sloOf(host, connection.id).url,
    siteUrl,
    nameIdFormat: connection.settings.nameIdFormat,
    requireEncryption: connection.settings.requireEncryption,
    signRequests: connection.settings.signRequests,
    certificateFile: (kind) => `the certificate "${kind}" below`,
  })
  const metadata = (
    <Card title="Metadata of the identity provider" id="metadata">
      <p>{metadataPlaces[idp].where}</p>
      {setUp.hasMetadata ? (
        <Values
          rows={[
            ['Entity ID', <code>{connection.idpEntityId}</code>],
            ['Sign-in address', <code>{connection.ssoUrl}</code>],
            ['Certificates', connection.certificates.length],
          ]}
        />
      ) : null}
      {metadataForm}
    </Card>
  )
  const addresses = (
    <Card
      title={`Enter this at ${idp === 'generic' ? 'the identity provider' : idpNames[idp]}`}
      id="addresses"
    >
      <Entries labels={values} />
      <Files connection={connection.id} certificates={certificates} />
    </Card>
  )
  return (
    <>
      <nav aria-label="Identity provider">
        <ul>
          {[...knownIdps.filter((each) => each !== 'generic'), 'generic' as const].map((each) => (
            <li>
              <a href={hrefFor(each)} aria-current={each === idp ? 'true' : undefined}>
                {each === 'generic' ? 'Other' : idpNames[each]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Card title="Steps">
        <div aria-live="polite">
          <ol class="steps" data-refresh={steps.every(({ isDone }) => isDone) ? undefined : '5'}>
            {steps.map(({ id, title, isDone, note }) => (
              <li class={isDone ? 'done' : undefined}>
                <a href={`#${id}`}>{title}</a>: {isDone ? 'done' : 'open'}. {note}
              </li>
            ))}
          </ol>
        </div>
        <a class="button quiet" href={here}>
          Look again
        </a>
      </Card>
      {isFirst ? metadata : addresses}
      {isFirst ? addresses : metadata}
      <Card title="Test a sign-in" id="test">
        {setUp.hasMetadata ? (
          (props.testForm ?? <p>Open a page of the site in a private window, and sign in.</p>)
        ) : (
          <p class="empty">Give the metadata first.</p>
        )}
      </Card>
      <Directory {...props} />
    </>
  )
}

const stepsOf = ({ setUp, idp, tokenForm }: SetUpProps): readonly Step[] => {
  const { hasMetadata, respondedAt, tokens, directoryAt } = setUp
  const addresses: Step = {
    id: 'addresses',
    title: 'Enter our addresses',
    isDone: respondedAt !== null,
    note: respondedAt === null ? 'The first response will show that they are right.' : null,
  }
  const metadata: Step = {
    id: 'metadata',
    title: 'Give the metadata',
    isDone: hasMetadata,
    note: hasMetadata ? null : 'Nobody can sign in before.',
  }
  const hasDirectory = scimLabelsFor(idp, '') !== null || tokens.length > 0
  return [
    ...(metadataPlaces[idp].isFirst ? [metadata, addresses] : [addresses, metadata]),
    {
      id: 'test',
      title: 'Sign in',
      isDone: respondedAt !== null,
      note:
        respondedAt === null ? (
          'No response was accepted yet.'
        ) : (
          <>
            The last one that we know of was <Time at={respondedAt} />.
          </>
        ),
    },
    ...(hasDirectory
      ? [
          {
            id: 'directory',
            title: 'Make a token for the directory',
            isDone: tokens.length > 0,
            note:
              tokens.length > 0 || tokenForm !== null
                ? null
                : 'Not here: the people who sent you the link make it.',
          },
          {
            id: 'directory',
            title: 'Let the directory send people',
            isDone: directoryAt !== null,
            note:
              directoryAt === null ? (
                'No request of it came yet. You can do this another day.'
              ) : (
                <>
                  The last request was <Time at={directoryAt} />.
                </>
              ),
          },
        ]
      : []),
  ]
}

const Entries: FC<{ readonly labels: Labels }> = ({ labels: { place, paste, choose } }) => (
  <>
    <p>{place}</p>
    {paste.map(({ label, value }) => (
      <Copy label={label} value={value} />
    ))}
    <h3>And choose</h3>
    <Values rows={choose.map(({ label, value }) => [label, value] as const)} />
  </>
)

interface FilesProps {
  readonly connection: string
  readonly certificates: readonly OwnCertificate[]
}

/** Public, all of them. */
const Files: FC<FilesProps> = ({ connection, certificates }) => (
  <>
    <h3>Files</h3>
    <ul>
      <li>
        <a href={metadataPath(connection)} download={`gatehouse-${connection}.xml`}>
          Our metadata
        </a>
        , for a console that takes metadata in place of the addresses
      </li>
      {certificates.map(({ kind, pem }) => (
        <li>
          <a
            href={`data:application/x-pem-file;base64,${btoa(pem)}`}
            download={`gatehouse-${kind}.cer`}
          >
            Our certificate "{kind}"
          </a>
          , {kind === 'encryption' ? 'to encrypt for us' : 'to verify our requests'}
        </li>
      ))}
    </ul>
  </>
)

const Directory: FC<SetUpProps> = ({ setUp, idp, host, tokenForm }) => {
  const base = host.url + scimPath(setUp.connection.id)
  const labels = scimLabelsFor(idp, base)
  return (
    <Card title="The directory, by SCIM" id="directory">
      <p>
        By SCIM the directory sends its people, and deactivates people who leave: they are out
        within seconds.
      </p>
      {labels ? (
        <Entries labels={labels} />
      ) : (
        <>
          <p>
            {idpNames[idp]} itself sends no SCIM to an application like this one. Groups come with
            each sign-in. With an extension that sends it, use this address:
          </p>
          <Copy label="Base URL" value={base} />
        </>
      )}
      {setUp.tokens.length > 0 ? (
        <p>
          {setUp.tokens.length === 1
            ? 'There is a token'
            : `There are ${setUp.tokens.length} tokens`}
          . Its secret was shown once, when it was made.
        </p>
      ) : null}
      {tokenForm}
    </Card>
  )
}
