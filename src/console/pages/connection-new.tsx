/** Adds a connection: which identity provider, then its name, and its metadata if they are there already. */
import type { FC } from 'hono/jsx'
import { idpNames, knownIdps, type KnownIdp } from '../../connection/labels.ts'
import { metadataPlaces, parseIdp, presets } from '../../connection/set-up.ts'
import { findSecret } from '../../connection/secrets.ts'
import { listConnections } from '../../connection/store.ts'
import { MetadataFields } from '../metadata-fields.tsx'
import type { ConsolePage, RefusedForm } from '../page.ts'
import { Card, Form, Input, linkTo } from '../ui.tsx'

export const connectionNewPage: ConsolePage = {
  path: '/connections/new',
  scope: 'connections',
  show: async ({ context: { db }, query, refused }) => {
    const idp = parseIdp(query.get('for'))
    const known = idp === null ? [] : (await listConnections(db)).map(({ id }) => id)
    return {
      title: 'Add a connection',
      section: '/connections',
      body: idp === null ? <Choose /> : <Begin idp={idp} known={known} refused={refused} />,
    }
  },
}

const Choose: FC = () => (
  <>
    <p class="lead">Which identity provider do people sign in with?</p>
    <ul class="tiles">
      {[...knownIdps.slice(1), 'generic' as const].map((idp) => (
        <li>
          <a href={linkTo(`/connections/new?for=${idp}`)}>{nameOf(idp)}</a>
        </li>
      ))}
    </ul>
  </>
)

const nameOf = (idp: KnownIdp): string =>
  idp === 'generic' ? 'Another identity provider' : idpNames[idp]

interface BeginProps {
  readonly idp: KnownIdp
  /** Ids that are taken. */
  readonly known: readonly string[]
  readonly refused: RefusedForm | null
}

const Begin: FC<BeginProps> = ({ idp, known, refused }) => {
  const back = `/connections/new?for=${idp}`
  const next = `/connections/{id}/set-up?for=${idp}`
  const isOf = (name: string) => (refused?.name === name ? refused : null)
  const added = isOf('connection add')
  const given = added?.given.get('metadata')?.[0] ?? null
  const isByFields = added !== null && given === null
  return (
    <>
      <p class="lead">
        {metadataPlaces[idp].isFirst
          ? `${nameOf(idp)} shows its metadata first: begin here, and the next page says where.`
          : `${nameOf(idp)} asks for our addresses first: begin here, and the next page has them.`}{' '}
        <a href={linkTo('/connections/new')}>Choose another</a>
      </p>
      <Card title="Begin">
        <Form
          operation="connection begin"
          input={{}}
          back={back}
          next={next}
          label="Go on to the set-up page"
          refused={refused}
        >
          <Names idp={idp} known={known} refused={isOf('connection begin')} />
        </Form>
      </Card>
      <Card title="Or give the metadata at once">
        <details open={added !== null && !isByFields}>
          <summary>I have the metadata already</summary>
          <Form
            operation="connection add"
            input={{ for: idp, ...presets[idp] }}
            back={back}
            next={next}
            label="Add the connection"
            refused={isByFields ? null : refused}
            hasFile
          >
            <Names idp={idp} known={known} refused={added} prefix="by-metadata" />
            <MetadataFields given={given} />
          </Form>
        </details>
        <details open={isByFields}>
          <summary>It has no metadata: I enter single values</summary>
          <Form
            operation="connection add"
            input={{ for: idp, ...presets[idp] }}
            back={back}
            next={next}
            label="Add the connection"
            refused={isByFields ? refused : null}
          >
            <Names idp={idp} known={known} refused={added} prefix="by-fields" />
            <Input name="entity-id" label="Entity ID (Issuer)" form={added} isRequired />
            <Input name="sso-url" label="Sign-in address" type="url" form={added} isRequired />
            <Input
              name="certificate"
              label="Signing certificate"
              hint="As PEM or base64. Never its private key."
              lines={4}
              form={withoutKey(added)}
              isRequired
            />
          </Form>
        </details>
      </Card>
    </>
  )
}

/** A private key that was pasted in place of the certificate is not shown again. */
const withoutKey = (refused: RefusedForm | null): RefusedForm | null =>
  refused && {
    ...refused,
    given: new Map(
      [...refused.given].filter(
        ([name, values]) =>
          name !== 'certificate' || values.every((text) => findSecret(text) === null),
      ),
    ),
  }

interface NamesProps extends BeginProps {
  readonly prefix?: string
}

/** The proposed id is free. */
const Names: FC<NamesProps> = ({ idp, known, refused, prefix }) => {
  const base = idp === 'generic' ? 'sso' : idp
  const free = [base, ...known.map((_, i) => `${base}-${i + 2}`)].find((id) => !known.includes(id))
  return (
    <>
      <Input
        name="id"
        id={prefix && `${prefix}-id`}
        label="Id"
        hint="A part of our addresses, so it never changes: a-z, 0-9 and inner hyphens."
        value={free ?? ''}
        form={refused}
        isRequired
      />
      <Input
        name="display-name"
        id={prefix && `${prefix}-display-name`}
        label="Name"
        hint="What people see when they choose how to sign in."
        value={idp === 'generic' ? '' : idpNames[idp]}
        form={refused}
      />
    </>
  )
}
