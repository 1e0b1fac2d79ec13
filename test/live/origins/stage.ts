/** The built Worker in front of all servers, for a test file. */
import { signIn } from '../../../tools/stage/sign-in.ts'
import { createStage, REVOCATION_SECONDS } from '../../../tools/stage/stage.ts'
import { startServers, type Name, type Server } from './servers.ts'

export interface Origins {
  /** Of the gate. */
  readonly port: number
  readonly serverOf: (name: Name) => Server
  /** The Cookie header of a person who has signed in at a host. */
  readonly cookieFor: (host: string, groups?: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

export async function openOrigins(): Promise<Origins> {
  const servers = await startServers()
  const urls = [...servers.all].map(([name, { port }]) => [name, `http://127.0.0.1:${port}`])
  const stage = await createStage(undefined, REVOCATION_SECONDS, {
    origins: Object.fromEntries(urls),
  }).catch(async (error: unknown) => {
    await servers.stop()
    throw error
  })
  return {
    port: stage.ports[0],
    serverOf(name) {
      const server = servers.all.get(name)
      if (!server) throw new Error(`no server ${name}`)
      return server
    },
    cookieFor: async (host, groups = ['engineering']) =>
      (await signIn(stage, '/guarded/page.txt', { groups }, host)).cookie,
    async stop() {
      await stage.stop()
      await servers.stop()
    },
  }
}
