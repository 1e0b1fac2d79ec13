/** A Worker that does nothing: the baseline for start-up. */
export default { fetch: () => new Response('nothing') } satisfies ExportedHandler
