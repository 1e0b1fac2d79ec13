/**
 * What a client must not say, because servers and frameworks believe it of a proxy: where the client
 * is, what it asked for, which certificate it has, and where an answer is to be found. Each line says
 * who believes it.
 */
const words: readonly RegExp[] = [
  // The client's address: Tomcat, Rails, request-ip of Node, Akamai, Fastly, Fly, Azure, App Engine,
  // Netlify, DigitalOcean, Sucuri, Imperva, Alibaba. `X-Forwarded-…` is among the identities.
  /^(my-|x-my-)?forwarded(-|$)/,
  /^(x-|true-|fastly-|fly-|incap-|cluster-|x-cluster-|x-azure-|x-sucuri-|x-ali-|wl-proxy-)?client-?ip$/,
  /^(x-originating-ip|x-proxyuser-ip|x-appengine-(user-ip|remote-addr|https)|x-azure-socketip)$/,
  /^(x-nf-client-connection-ip|do-connecting-ip|ali-cdn-real-ip|cdn-(src|real)-ip|fly-forwarded-.*)$/,
  /^(x-real-.*|x-vercel-(forwarded-for|proxied-for)|cloudfront-(viewer|forwarded)-.*|cf-.*)$/,
  // Scheme and host: IIS, Azure, WebLogic, nginx, Django and Rails by habit.
  /^(x-(url-)?scheme|front-end-https|x-arr-.*|wl-proxy-.*|x-(ssl|https?|secure)|ssl-offloaded)$/,
  /^(x-host|x-http-host-override|x-host-override)$/,
  // The certificate of the client: nginx, HAProxy, Apache, AWS. WebSphere's own have a `$` before.
  /^(x-)?ssl-(client|cert|protocol|cipher)(-.*)?$|^x-client-(cert|dn|verify)(-.*)?$|^x-amzn-mtls-.*$/,
  /^client-cert(-chain)?$|^ws(at|cc|cs|is|pr|ra|rh|ru|sc|si|sn|sp|ss)$/,
  // Another path than the one judged, or how much of it to leave out: IIS, Symfony, gunicorn, Envoy,
  // Traefik, Next.js, Astro, Azure.
  /^x-original-(url|uri|path|args|query|request|host|port|proto|scheme|method|for|prefix|forwarded|remote|client|ip)(-.*)?$/,
  /^(x-rewrite-.*|x-override-url|x-replaced-path|(x-)?(script-name|path-info|request-uri))$/,
  /^(x-envoy-.*|x-waws-unencoded-url|x-ingress-path|x-proxy-(url|host|path))$/,
  /^x-middleware-(subrequest|rewrite|redirect|set-cookie|skip|override|next|invoke|request)(-.*)?$/,
  /^(x-invoke-.*|x-matched-path|x-now-route-matches|x-astro-path)$/,
  // Which file to send instead: Rack::Sendfile takes both from the request.
  /^x-(accel|sendfile)-.*$/,
  // CGI makes HTTP_PROXY of `Proxy`, by which libraries go out.
  /^proxy(-.*)?$/,
]

const anyWord = new RegExp(words.map(({ source }) => source).join('|'))

/** @param plain a name as `plainName` writes it. */
export const isWordOfProxy = (plain: string): boolean => anyWord.test(plain)
