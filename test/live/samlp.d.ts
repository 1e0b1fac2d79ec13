/** Of samlp, which has no types, what samlp-server.ts uses. */
declare module 'samlp' {
  export interface Asked {
    readonly id: string
  }

  const samlp: {
    parseRequest(
      request: { readonly query: object; readonly body: object },
      options: { readonly signingCert?: string },
      callback: (error: Error | null, asked?: Asked) => void,
    ): void
    getSamlResponse(
      options: object,
      user: object,
      callback: (error: Error | null, response: string) => void,
    ): void
    logout(options: object): (
      request: { readonly query: object; readonly body: object; readonly session: object },
      response: {
        redirect(location: string): void
        set(name: string, value: string): void
        send(body: string | number): void
      },
      next: (error: Error) => void,
    ) => void
    metadata(
      options: object,
    ): (
      request: { readonly headers: object; readonly protocol: string },
      response: { set(name: string, value: string): void; send(body: string): void },
    ) => void
  }
  export default samlp
}
