/** What to enter where, to set a connection up. It ticks itself off as things come in. */
import type { FC } from 'hono/jsx'
import { mayChangeTrust, mayDo } from '../../admin/context.ts'
import { findOwnCertificates, findSetUp } from '../../admin/set-up.ts'
import { isDraft } from '../../connection/connection.ts'
import { idpOf, parseIdp, presets } from '../../connection/set-up.ts'
import { findConnection } from '../../connection/store.ts'
import { MetadataFields } from '../metadata-fields.tsx'
import type { ConsolePage } from '../page.ts'
import { To } from '../parts.tsx'
import { SetUpView } from '../set-up-view.tsx'
import { siteUrlFor } from '../site-url.ts'
import { Action, Form, Input, linkTo } from '../ui.tsx'
import { noSuchConnection } from './connection-none.tsx'

export const connectionSetUpPage: ConsolePage = {
  path: '/connections/:id/set-up',
  scope: 'read',
  show: async ({ context, deps, visit, params, query, refused }) => {
    const connection = await findConnection(context.db, params['id'] ?? '')
    if (!connection) return noSuchConnection
    const { id, displayName } = connection
    const idp = parseIdp(query.get('for')) ?? idpOf(connection)
    const path = `/connections/${id}/set-up`
    const back = `${path}?for=${idp}`
    const mayChange = mayDo(context.operator, 'connections')
    const mayTrust = mayChange && mayChangeTrust(context, id)
    const isRefused = refused?.name === 'connection update'
    const [setUp, certificates] = await Promise.all([
      findSetUp(context, connection),
      findOwnCertificates(context, connection),
    ])
    return {
      title: `Set up ${displayName}`,
      section: '/connections',
      body: (
        <>
          <p>
            <To path={`/connections/${id}`}>Back to the connection</To>
          </p>
          <SetUpView
            setUp={setUp}
            idp={idp}
            host={visit.host}
            siteUrl={siteUrlFor(deps.config, id)}
            certificates={certificates}
            here={linkTo(back)}
            hrefFor={(each) => linkTo(`${path}?for=${each}`)}
            metadataForm={
              mayTrust ? (
                <Form
                  operation="connection update"
                  input={{ id, ...(isDraft(connection) ? presets[idp] : {}) }}
                  back={back}
                  label="Give metadata"
                  refused={refused}
                  hasFile
                >
                  <MetadataFields
                    given={isRefused ? (refused.given.get('metadata')?.[0] ?? null) : null}
                  />
                </Form>
              ) : null
            }
            testForm={mayChange ? <Test id={id} back={back} /> : null}
            tokenForm={
              mayTrust ? (
                <Form
                  operation="scim token create"
                  input={{ connection: id }}
                  back={back}
                  label="Make a token"
                  refused={refused}
                >
                  <Input
                    name="label"
                    label="Label"
                    hint="Which directory, which year. The token works for a year."
                    value={`${displayName} ${new Date(context.now).getUTCFullYear()}`}
                    form={refused?.name === 'scim token create' ? refused : null}
                  />
                </Form>
              ) : null
            }
          />
        </>
      ),
    }
  },
}

export const Test: FC<{ readonly id: string; readonly back: string }> = ({ id, back }) => (
  <>
    <p>
      You sign in at the identity provider for real, and see every check of its answer. Nobody is
      signed in here.
    </p>
    <Action
      operation="connection try"
      input={{ connection: id }}
      back={back}
      label="Test a sign-in"
    />
  </>
)
