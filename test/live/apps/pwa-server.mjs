/** A built app as static files, and its data. `node pwa-server.mjs <port> <directory>`. */
import express from 'express'

const [port, directory] = process.argv.slice(2)
const app = express()
app.get('/api/notes', (_request, response) => void response.type('text').send('Buy milk'))
app.use(express.static(directory))
app.listen(Number(port), '127.0.0.1')
