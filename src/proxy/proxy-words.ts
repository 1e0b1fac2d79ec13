/**
 * Headers that a client must not send, because servers and frameworks believe that a proxy wrote
 * them: the client's address, what it asked for, its certificate, and where the answer is found.
 * The comment before a line names the software that believes it.
 */
const words: readonly RegExp[] = [
  // The client's address: Tomcat, Rails, request-ip of Node, Akamai, Fastly, Fly, Azure, App
  // Engine, Netlify, DigitalOcean, Sucuri, Imperva, Alibaba. `X-Forwarded-…` is handled as identity
  // (`identity/profiles.ts`).
  /^(my-|x-my-)?forwarded(-|$)/,
  /^(x-|true-|fastly-|fly-|incap-|cluster-|x-cluster-|x-azure-|x-sucuri-|x-ali-|wl-proxy-)?client-?ip$/,
  /^(x-originating-ip|x-proxyuser-ip|x-appengine-(user-ip|remote-addr|https)|x-azure-socketip)$/,
  /^(x-nf-client-connection-ip|do-connecting-ip|ali-cdn-real-ip|cdn-(src|real)-ip|fly-forwarded-.*)$/,
  /^(x-real-.*|x-vercel-(forwarded-for|proxied-for)|cloudfront-(viewer|forwarded)-.*|cf-.*)$/,
  // Scheme and host: IIS, Azure, WebLogic; nginx, Django and Rails as commonly configured.
  /^(x-(url-)?scheme|front-end-https|x-arr-.*|wl-proxy-.*|x-(ssl|https?|secure)|ssl-offloaded)$/,
  /^(x-host|x-http-host-override|x-host-override)$/,
  // The client's certificate: nginx, HAProxy, Apache, AWS, and WebSphere, whose headers begin with
  // `$`.
  /^(x-)?ssl-(client|cert|protocol|cipher)(-.*)?$|^x-client-(cert|dn|verify)(-.*)?$|^x-amzn-mtls-.*$/,
  /^client-cert(-chain)?$|^ws(at|cc|cs|is|pr|ra|rh|ru|sc|si|sn|sp|ss)$/,
  // A path other than the one that was checked, or a prefix to leave out of it: IIS, Symfony,
  // gunicorn, Envoy, Traefik, Next.js, Astro, Azure.
  /^x-original-(url|uri|path|args|query|request|host|port|proto|scheme|method|for|prefix|forwarded|remote|client|ip)(-.*)?$/,
  /^(x-rewrite-.*|x-override-url|x-replaced-path|(x-)?(script-name|path-info|request-uri))$/,
  /^(x-envoy-.*|x-waws-unencoded-url|x-ingress-path|x-proxy-(url|host|path))$/,
  /^x-middleware-(subrequest|rewrite|redirect|set-cookie|skip|override|next|invoke|request)(-.*)?$/,
  /^(x-invoke-.*|x-matched-path|x-now-route-matches|x-astro-path)$/,
  // A file to send instead of the answer: Rack::Sendfile reads X-Sendfile-Type and X-Accel-Mapping
  // from the request.
  /^x-(accel|sendfile)-.*$/,
  // CGI makes the variable HTTP_PROXY of `Proxy`, and HTTP libraries then connect through that
  // proxy.
  /^proxy(-.*)?$/,
]

const anyWord = new RegExp(words.map(({ source }) => source).join('|'))

/** @param plain a name as `plainName` writes it. */
export const isWordOfProxy = (plain: string): boolean => anyWord.test(plain)
