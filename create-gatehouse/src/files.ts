/** The files of a new project, as text. */
import { isLocal, type Answers, type Idp } from './answers.ts'

/** What a project depends on. A test compares them with Gatehouse's own package.json. */
export const versions = {
  gatehouse: '^0.2.0',
  workersTypes: '^5.20261117.1',
  typescript: '^7.0.2',
  wrangler: '^4.164.0',
} as const

const COMPATIBILITY_DATE = '2026-11-17'

/** @param name of the folder, for package.json and for the Worker. */
export const filesOf = (name: string, answers: Answers): Readonly<Record<string, string>> => ({
  'gatehouse.config.ts': config(answers),
  'src/index.ts': entry,
  'wrangler.toml': wrangler(name, answers),
  'package.json': json(manifest(name)),
  'tsconfig.json': json(tsconfig),
  'README.md': readme(name, answers),
  // Keeps the secret of this machine out of git, and what a deploy leaves when it is killed.
  '.gitignore': 'node_modules/\n.wrangler/\n.dev.vars\n.gatehouse-deploy.json\n',
})

/** A name that both npm and Cloudflare accept, and that is no other package. */
export function nameOf(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 54)
    .replace(/-+$/, '')
  return name === '' || name === 'node-modules' ? 'gatehouse' : name
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

const config = ({
  site,
  origin,
}: Answers): string => `import { defineConfig } from '@gatehouse/worker/config'

export default defineConfig({
  sites: [
    {
      // The URL at which your people reach the site.
      url: '${site.origin}',
      // The URL of the site itself. It should be reachable through Gatehouse only.
      origin: '${origin.origin}',
      // A path that no route covers is denied; the most specific path wins.
      routes: [{ path: '/', access: 'signed-in' }],
    },
  ],
})
`

const entry = `import { createGatehouse } from '@gatehouse/worker'
import { admin } from '@gatehouse/worker/admin'
import config from '../gatehouse.config.ts'
export default createGatehouse(config, { admin }) satisfies ExportedHandler
`

const wrangler = (name: string, { site }: Answers): string => `name = "${name}"
main = "src/index.ts"
compatibility_date = "${COMPATIBILITY_DATE}"

# Gatehouse uses Web APIs only.
compatibility_flags = ["no_nodejs_compat"]
minify = true

${address(site)}
# Without ids here, the first deploy makes both, and later ones find them.
[[kv_namespaces]]
binding = "SESSIONS"

[[d1_databases]]
binding = "DB"
database_name = "${name}"
migrations_dir = "node_modules/@gatehouse/worker/migrations"

# Styles and scripts of the console.
[assets]
directory = "node_modules/@gatehouse/worker/assets"
binding = "ASSETS"
run_worker_first = true

# How often one client may begin a sign-in, and fail with a token (docs/limits.md of Gatehouse).
[[ratelimits]]
name = "LIMITS"
namespace_id = "71001"
simple = { limit = 2000, period = 60 }

# Removes what has expired, rotates the token signing key, reads metadata again, and sends again
# what webhooks did not take.
[triggers]
crons = ["17 * * * *"]

[secrets]
required = ["GATEHOUSE_SECRET"]

# The audit logs what matters. A line for each request would hold addresses and headers of people.
[observability]
enabled = true

[observability.logs]
enabled = true
invocation_logs = false
`

const address = (
  site: URL,
): string => `# Where people reach it. The domain must be a zone of your Cloudflare account.
${
  isLocal(site)
    ? '# routes = [{ pattern = "wiki.example.com", custom_domain = true }]'
    : `routes = [{ pattern = "${site.hostname}", custom_domain = true }]`
}
`

const manifest = (name: string) => ({
  name,
  version: '0.0.0',
  private: true,
  type: 'module',
  engines: { node: '>=22.18' },
  scripts: {
    dev: 'gatehouse dev',
    deploy: 'gatehouse deploy',
    check: 'tsc && gatehouse check --remote',
  },
  dependencies: { '@gatehouse/worker': versions.gatehouse },
  devDependencies: {
    '@cloudflare/workers-types': versions.workersTypes,
    typescript: versions.typescript,
    wrangler: versions.wrangler,
  },
  // Both work without their scripts. npm would warn about them.
  allowScripts: { esbuild: false, workerd: false },
  // What Cloudflare shows where somebody deploys this project by a button.
  cloudflare: {
    bindings: {
      SESSIONS: { description: 'Sessions of people who are signed in. A new, empty namespace.' },
      DB: {
        description: 'Identity providers, people, and what happened. A new, empty database.',
      },
      GATEHOUSE_SECRET: {
        description:
          'Leave it out: the first deploy makes it. Your own is 32 random bytes in base64: `openssl rand -base64 32`.',
      },
    },
  },
})

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['@cloudflare/workers-types'],
  },
  include: ['src', 'gatehouse.config.ts'],
}

const labels: Readonly<Record<Idp, string>> = {
  okta: 'Okta',
  onelogin: 'OneLogin',
  entra: 'Microsoft Entra ID',
  google: 'Google Workspace',
  keycloak: 'Keycloak',
  generic: 'your identity provider',
}
const metadata: Readonly<Record<Idp, string>> = {
  okta: 'https://example.okta.com/app/abc/sso/saml/metadata',
  onelogin: 'https://app.onelogin.com/saml/metadata/abc',
  entra: 'https://login.microsoftonline.com/abc/federationmetadata/2007-06/federationmetadata.xml',
  // Google gives the metadata as a file only.
  google: 'GoogleIDPMetadata.xml',
  keycloak: 'https://idp.example.com/realms/abc/protocol/saml/descriptor',
  generic: 'https://idp.example.com/metadata',
}

function readme(name: string, { site, origin, idp }: Answers): string {
  const id = idp === 'generic' ? 'company' : idp
  const add = `npx gatehouse connection add ${id} --metadata ${metadata[idp]} --for ${idp}`
  return `# ${name}

[Gatehouse](https://www.npmjs.com/package/@gatehouse/worker) signs people in by SAML in front of ${site.origin}. The site itself is at ${origin.origin}.

## The next three steps

You need Node.js 22.18 or newer.

1. **See it on this machine**, at the address that this prints:

   \`\`\`sh
   npm install
   npm run dev
   \`\`\`

2. **Connect ${labels[idp]}**, with the address or the file of its metadata. This prints what to enter there:

   \`\`\`sh
   ${add} --local
   \`\`\`

3. **Put it on Cloudflare.** Look at \`routes\` in \`wrangler.toml\` first.

   \`\`\`sh
   npx wrangler login
   npm run deploy
   ${add} --remote
   \`\`\`

Who may see what is in \`gatehouse.config.ts\`. To upgrade: \`npm update\`, then \`npm run deploy\`. The manual is in \`node_modules/@gatehouse/worker/docs\`.
`
}
