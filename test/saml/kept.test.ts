/** What of a message is kept for operators: nothing that lets anybody in, and no value of a person without need. */
import { describe, expect, it } from 'vitest'
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { keepPosted, type KeptValues } from '../../src/saml/incoming/kept.ts'

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
const keep = (inside: string, values: KeptValues = 'all') =>
  keepPosted(encodeBase64(utf8(`<a:Response xmlns:a="${SAML}">${inside}</a:Response>`)), values)
const attribute = (name: string, value: string) =>
  `<a:Attribute Name="${name}"><a:AttributeValue>${value}</a:AttributeValue></a:Attribute>`

describe('a message that is kept', () => {
  it('has no signature value, no ciphertext and no SessionIndex', () => {
    const kept = keep(
      '<SignatureValue>c2lnbmVk</SignatureValue><CipherValue>Y2lwaGVy</CipherValue><a:AuthnStatement SessionIndex="_s1"/>',
    )
    expect(kept).not.toMatch(/c2lnbmVk|Y2lwaGVy|_s1/)
    expect(kept?.match(/\(left out\)/g)).toHaveLength(3)
  })

  it('has of values their shape only, whatever element they are in', () => {
    const inside = 'Ada 42<X509Certificate>Secret9</X509Certificate>'
    const kept = keep(attribute('displayName', inside), 'shape')
    expect(kept).toContain('xxx 00')
    expect(kept).toContain('>xxxxxx0<')
    expect(kept).not.toMatch(/Ada|Secret/)
    expect(keep(attribute('displayName', 'Ada 42'))).toContain('Ada 42')
  })

  it('has nothing of values whose name says that they are secret, their shape neither', () => {
    for (const values of ['all', 'shape'] as const) {
      const kept = keep(
        attribute('api-key', 'hunter2<X509Certificate>x1</X509Certificate>'),
        values,
      )
      expect(kept?.match(/\(left out\)/g)).toHaveLength(2)
      expect(kept).not.toMatch(/hunter2|xxxxxx0|x1</)
    }
  })

  it('is shortened in each text, and is none where all of it is too long', () => {
    expect(keep(`<a:Audience>${'y'.repeat(300)}</a:Audience>`)).toContain('… (300 characters)')
    const many = `<a:B>${'<a:C>'.concat('z'.repeat(150), '</a:C>').repeat(50)}</a:B>`
    expect(keep(many)).not.toBeNull()
    expect(keep(many + many + many)).toBeNull()
  })

  it('is none where it is no XML, or no base64', () => {
    expect(keepPosted(encodeBase64(utf8('<a><b></a>')), 'all')).toBeNull()
    expect(keepPosted('%%%', 'all')).toBeNull()
  })
})
