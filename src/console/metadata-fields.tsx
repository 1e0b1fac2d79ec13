/** The fields for metadata: an address, a file, or the text. All three are the field `metadata`. */
import type { FC } from 'hono/jsx'
import { findSecret } from '../connection/secrets.ts'
import { Input } from './ui.tsx'

/** The most of the given text that a page shows again. */
const MOST_SHOWN = 20_000

export interface MetadataFieldsProps {
  /** The refused text. It is shown again if it is short and has no secret in it. */
  readonly given: string | null
}

export const MetadataFields: FC<MetadataFieldsProps> = ({ given }) => {
  const isShown = given !== null && given.length <= MOST_SHOWN && findSecret(given) === null
  const shown = isShown ? given : ''
  const isUrl = /^https?:/i.test(shown)
  return (
    <fieldset>
      <legend>Metadata, in one of three ways</legend>
      <Input
        name="metadata"
        id="metadata-url"
        label="Address"
        type="url"
        hint="Best, if there is one: Gatehouse then takes new certificates by itself."
        value={isUrl ? shown : ''}
      />
      <div class="field">
        <label for="metadata-file">File</label>
        <input
          id="metadata-file"
          name="metadata"
          type="file"
          accept=".xml,text/xml,application/xml"
        />
      </div>
      <div class="field">
        <label for="metadata-text">Text</label>
        <textarea id="metadata-text" name="metadata" rows={5} spellcheck={false}>
          {isUrl ? '' : shown}
        </textarea>
      </div>
    </fieldset>
  )
}
