/** The settings that operators change most. The command line and the API have all of them. */
import type { FC } from 'hono/jsx'
import { nameIdFormats } from '../../connection/fields.ts'
import { describeSlo } from '../../connection/slo.ts'
import { toIso, type Instant } from '../../lib/instant.ts'
import { provisioningWords } from '../connection-words.ts'
import { Card, Form, Input, Select } from '../ui.tsx'
import type { CardOf } from '../connection-card.ts'
import { joinOptions } from './connection-join.tsx'

export const SettingsCard: FC<CardOf & { readonly version: string; readonly now: Instant }> = (
  props,
) => {
  const { connection, refused, back, version, now } = props
  const { id, displayName, provisioning, domains, settings, slo, ssoBinding } = connection
  const { directory, subject, attributes } = settings
  const isOwn = refused?.name === 'connection update' && refused.given.has('display-name')
  const form = isOwn ? refused : null
  return (
    <Card title="Settings" id="settings">
      <details open={isOwn}>
        <summary>Change the settings</summary>
        <Form
          operation="connection update"
          input={{ id, version }}
          back={`${back}#settings`}
          label="Save"
          refused={form}
        >
          <Input name="display-name" label="Name" value={displayName} form={form} isRequired />
          <Select
            name="provisioning"
            label="Who may sign in"
            options={Object.entries(provisioningWords)}
            value={provisioning}
            form={form}
          />
          <Input
            name="domain"
            label="Add an email domain"
            hint={`Its people sign in here only. Now: ${domains.join(', ') || 'none'}.`}
            form={form}
          />
          <Input name="remove-domain" label="Take an email domain away" form={form} />
          <Input
            name="slo-url"
            label="Where logout messages go"
            hint={`none: no single logout. Now: ${describeSlo(slo, ssoBinding)}.`}
            form={form}
          />
          <Input
            name="subject-attribute"
            label="Attribute that identifies a person"
            hint="Its name, or “none” for the NameID."
            value={subject.from === 'name-id' ? 'none' : subject.name}
            form={form}
          />
          <Select
            name="join"
            label="In the directory it is"
            options={joinOptions}
            value={directory.join}
            form={form}
          />
          <Select
            name="groups-from"
            label="Whose groups count"
            options={[
              ['auto', 'The directory for its own people, else the sign-in'],
              ['directory', 'The directory only'],
              ['assertion', 'The sign-in only'],
            ]}
            value={directory.groupsFrom}
            form={form}
          />
          <Input
            name="groups-attribute"
            label="Attribute with the groups"
            hint="Its name, or “none” for the usual names: groups, memberOf and others."
            value={attributes.groups ?? 'none'}
            form={form}
          />
          <Input
            name="removal-guard"
            label="Removal guard"
            hint="The share of people that the directory may remove in an hour, such as 20%, or “off”."
            value={
              directory.removalGuardPercent === null ? 'off' : `${directory.removalGuardPercent}%`
            }
            form={form}
          />
          <Select
            name="name-id-format"
            label="Name ID format to ask for"
            options={formatOptions(settings.nameIdFormat)}
            value={settings.nameIdFormat ?? 'none'}
            form={form}
          />
          <Select
            name="sign-requests"
            label="Our requests"
            options={[
              ['none', 'Not signed'],
              ['rsa-sha256', 'Signed with RSA'],
              ['ecdsa-sha256', 'Signed with ECDSA'],
            ]}
            value={settings.signRequests ?? 'none'}
            form={form}
          />
          <Select
            name="require-encryption"
            label="Encrypted assertions"
            options={[
              ['false', 'Accepted'],
              ['true', 'Required'],
            ]}
            value={String(settings.requireEncryption)}
            form={form}
          />
          <Input
            name="allow-sha1-until"
            label="Accept SHA-1 until"
            hint="A day within a year, such as 2027-03-31, or “none”. SHA-1 can be forged."
            value={untilText(settings.allowSha1Until, now)}
            form={form}
          />
        </Form>
      </details>
    </Card>
  )
}

/** An exception that has ended cannot be given again: the empty field leaves it. */
const untilText = (at: Instant | null, now: Instant): string =>
  at === null ? 'none' : at > now ? toIso(at).slice(0, 10) : ''

/** A format that is none of the usual ones stays as it is. */
function formatOptions(current: string | null): readonly (readonly [string, string])[] {
  const usual = Object.entries(nameIdFormats).map(([name, format]) => [format, name] as const)
  const isUsual = current === null || usual.some(([format]) => format === current)
  return [
    ['none', 'the identity provider chooses'],
    ...usual,
    ...(isUsual ? [] : [[current, current] as const]),
  ]
}
