/**
 * Talks to oracle.c, which is compiled at start-up and kept running: libxml2 and xmlsec1, asked in
 * frames.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '../../src/lib/bytes.ts'
import { toPem } from '../../src/saml/certificate.ts'

export interface CanonicalRequest {
  /** Elements are identified by their number in document order. */
  readonly apex: number
  readonly omitted: number | null
  readonly withComments: boolean
  /** As in a PrefixList; `#default` is the default namespace. */
  readonly prefixes: readonly string[]
}

export interface Canonical {
  readonly elements: number
  /** One per request. */
  readonly bytes: readonly Uint8Array[]
}

export interface Oracle {
  readonly pid: number
  /** null: libxml2 refuses the document. */
  readonly canonicalize: (
    document: Uint8Array,
    requests: readonly CanonicalRequest[],
  ) => Promise<Canonical | null>
  /**
   * One result for each Signature of the root and of its Assertions; null: libxml2 refuses the
   * document.
   */
  readonly verify: (
    document: Uint8Array,
    key: number,
    sha1: boolean,
  ) => Promise<readonly boolean[] | null>
  /** Base64 DER of a certificate → the number of its key. */
  readonly addKey: (certificate: string) => Promise<number>
  readonly close: () => void
}

const NONE = 0xffffffff

export function startOracle(): Oracle {
  execFileSync('sh', [join(import.meta.dirname, 'install.sh')], { stdio: ['ignore', 2, 2] })
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'))
  const program = join(directory, 'oracle')
  const libraries = ['xmlsec1-openssl', 'libxml-2.0']
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', ...libraries], {
    encoding: 'utf8',
  })
  const source = join(import.meta.dirname, 'oracle.c')
  execFileSync('cc', ['-O2', '-o', program, source, ...flags.trim().split(/\s+/)])
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((answer: Buffer) => void)[] = []
  let received: Buffer = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    received = received.length > 0 ? Buffer.concat([received, chunk]) : chunk
    while (received.length >= 4 && received.length >= 4 + received.readUInt32LE(0)) {
      const end = 4 + received.readUInt32LE(0)
      waiting.shift()?.(received.subarray(4, end))
      received = received.subarray(end)
    }
  })
  let closing = false
  child.on('exit', (code, signal) => {
    rmSync(directory, { recursive: true })
    if (!closing) throw new Error(`the oracle ended: ${signal ?? code}`)
  })

  // Collects the questions and sends them in one write.
  let outgoing: Uint8Array[] = []
  let scheduled = false
  const flush = (): void => {
    child.stdin.write(Buffer.concat(outgoing))
    outgoing = []
    scheduled = false
  }
  const ask = (kind: string, ...parts: readonly Uint8Array[]): Promise<Buffer> => {
    const length = Buffer.alloc(5)
    length.writeUInt32LE(1 + parts.reduce((sum, part) => sum + part.length, 0))
    length.write(kind, 4, 'latin1')
    outgoing.push(length, ...parts)
    if (!scheduled) setTimeout(flush, 0)
    scheduled = true
    return new Promise((resolve) => void waiting.push(resolve))
  }

  let keys = 0
  return {
    pid: child.pid ?? 0,
    canonicalize: async (document, requests) => {
      const head = Buffer.concat([numbers(requests.length), ...requests.map(toFrame)])
      const answer = await ask('C', head, document)
      return answer[0] === 1 ? readCanonical(answer, requests.length) : null
    },
    verify: async (document, key, sha1) => {
      const answer = await ask('V', Uint8Array.of(key, sha1 ? 1 : 0), document)
      return answer[0] === 1 ? Array.from(answer.subarray(5), (verdict) => verdict === 1) : null
    },
    addKey: async (certificate) => {
      const answer = await ask('K', utf8(`${toPem(certificate)}\n`))
      if (answer[0] !== 1) throw new Error('xmlsec1 cannot read a certificate')
      return keys++
    },
    close: () => {
      closing = true
      child.stdin.end()
    },
  }
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4))
  return bytes
}

function toFrame({ apex, omitted, withComments, prefixes }: CanonicalRequest): Buffer {
  const list = utf8(prefixes.join(' '))
  const comments = Uint8Array.of(withComments ? 1 : 0)
  return Buffer.concat([numbers(apex, omitted ?? NONE), comments, numbers(list.length), list])
}

function readCanonical(answer: Buffer, count: number): Canonical {
  let at = 5
  const bytes = Array.from({ length: count }, () => {
    const length = answer.readUInt32LE(at)
    const from = at + 4
    at = from + length
    return answer.subarray(from, at)
  })
  return { elements: answer.readUInt32LE(1), bytes }
}
