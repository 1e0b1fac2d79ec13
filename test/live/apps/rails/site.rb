# A Rails site in one file: a form that is guarded against forgery, and a WebSocket of Action Cable.
require 'logger'
require 'securerandom'
require 'action_controller/railtie'
require 'action_cable/engine'
require 'rack/handler/puma'

class Site < Rails::Application
  config.load_defaults 6.1
  config.root = ENV.fetch('DIRECTORY')
  config.eager_load = true
  config.logger = Logger.new($stdout)
  config.log_level = :warn
  config.secret_key_base = SecureRandom.hex(64)
  config.hosts = ENV.fetch('HOSTS').split(',')
  config.action_cable.mount_path = '/cable'
  config.action_cable.allowed_request_origins = ENV.fetch('CABLE_ORIGINS').split(',')
  config.action_cable.cable = { 'adapter' => 'async' }

  routes.append do
    root to: 'forms#show'
    post '/' => 'forms#take'
    get '/sent' => 'forms#sent', as: :sent
  end
end

Site.initialize!

class FormsController < ActionController::Base
  protect_from_forgery with: :exception

  def show
    form = '<%= form_tag("/") { button_tag "Send" } %> <%= email %> <%= here %>'
    render inline: form, locals: { email: email, here: root_url }
  end

  def take
    redirect_to sent_url
  end

  def sent
    render plain: "sent by #{email}"
  end

  private

  def email
    request.headers['X-Forwarded-Email']
  end
end

Rack::Handler::Puma.run(Site, Host: '127.0.0.1', Port: ENV.fetch('PORT'), Threads: '4:4', Silent: true)
