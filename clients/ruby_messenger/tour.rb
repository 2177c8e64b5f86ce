# A bot in the style of the gem facebook-messenger: version 3.2, JSON with the token in the query, the subscription with the
# token in its JSON, appsecret_proof, profile keys taken away with a JSON body; it sorts errors into classes by code and subcode.

require 'json'
require 'net/http'
require 'openssl'
require 'socket'
require 'timeout'
require 'uri'

PICTURE = 'https://shop.example/img.png'.freeze
BASE = URI(ENV.fetch('GRAPH_API_BASE'))

class GraphError < StandardError
  attr_reader :code, :subcode

  def initialize(error)
    super(error['message'])
    @code = error['code']
    @subcode = error['error_subcode']
  end
end

class BadParameter < GraphError; end
class PermissionError < GraphError; end
class LimitError < GraphError; end
class AccessTokenError < GraphError; end
class InternalError < GraphError; end

# How the gem files an error away.
SORTED = {
  BadParameter => [[100, nil], [100, 2018001]],
  PermissionError => [[10, 2018065], [10, 2018108], [200, 1545041], [200, 2018028], [230, nil]],
  LimitError => [[4, 2018022], [100, 2018109], [613, nil]],
  AccessTokenError => [[190, nil]],
  InternalError => [[1200, nil]]
}.freeze

def sorted(error)
  kind, = SORTED.find { |_, pairs| pairs.include?([error['code'], error['error_subcode']]) }
  (kind || GraphError).new(error)
end

class Bot
  METHODS = { get: Net::HTTP::Get, post: Net::HTTP::Post, delete: Net::HTTP::Delete }.freeze

  def initialize(token, line)
    @token = token
    @line = line
  end

  def auth
    { access_token: @token, appsecret_proof: OpenSSL::HMAC.hexdigest('SHA256', ENV.fetch('APP_SECRET'), @token) }
  end

  def call(method, path, body = nil, query = auth)
    request = METHODS.fetch(method).new("/v3.2/#{path}?#{URI.encode_www_form(query)}")
    request['Content-Type'] = 'application/json'
    request.body = JSON.generate(body) if body
    answer = JSON.parse(@line.request(request).body)
    raise sorted(answer['error']) if answer.is_a?(Hash) && answer['error']

    answer
  end

  def subscribe
    call(:post, 'me/subscribed_apps', { access_token: @token, subscribed_fields: %w[messages messaging_postbacks messaging_optins] }, {})
  end

  def deliver(psid, message, more = {})
    call(:post, 'me/messages', { recipient: { id: psid }, message: message, messaging_type: 'RESPONSE' }.merge(more))
  end
end

def refused(kind, code, subcode = nil)
  [kind, code, subcode]
end

def check(answer, fits)
  raise "answer #{answer}" unless fits
end

def steps(bot, stranger, psid)
  postback = { type: 'postback', title: 'Меню', payload: 'MENU' }
  generic = { template_type: 'generic', elements: [{ title: 'Чайник', subtitle: 'Медный', image_url: PICTURE, buttons: [postback] }] }
  buttons = { template_type: 'button', text: 'Что?', buttons: [postback] }
  template = ->(payload) { { attachment: { type: 'template', payload: payload } } }
  sent = ->(answer) { check(answer, answer['recipient_id'] == psid && answer['message_id']) }
  done = ->(answer) { check(answer, answer == { 'result' => 'success' }) }
  success = ->(answer) { check(answer, answer == { 'success' => true }) }
  persona = nil
  [
    ['subscribe', -> { bot.subscribe }, success],
    ['deliver text', -> { bot.deliver(psid, { text: 'Здравствуйте 😀' }) }, sent],
    ['deliver quick replies', -> { bot.deliver(psid, { text: 'Цвет?', quick_replies: [
      { content_type: 'text', title: 'Красный', payload: 'RED', image_url: PICTURE }, { content_type: 'user_phone_number' }] }) }, sent],
    ['deliver image', -> { bot.deliver(psid, { attachment: { type: 'image', payload: { url: PICTURE } } }) }, sent],
    ['deliver generic', -> { bot.deliver(psid, template.(generic)) }, sent],
    ['deliver buttons', -> { bot.deliver(psid, template.(buttons)) }, sent],
    ['deliver tagged', -> { bot.deliver(psid, { text: 'Оператор' }, { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }) }, sent],
    ['typing_on', -> { bot.call(:post, 'me/messages', { recipient: { id: psid }, sender_action: 'typing_on' }) },
     ->(answer) { check(answer, answer == { 'recipient_id' => psid }) }],
    ['upload', -> { bot.call(:post, 'me/message_attachments', { message: { attachment: { type: 'image', payload: { url: PICTURE, is_reusable: true } } } }) },
     ->(answer) { check(answer, answer['attachment_id'] =~ /\A\d+\z/) }],
    ['user profile', -> { bot.call(:get, psid, nil, bot.auth.merge(fields: 'first_name,last_name,profile_pic')) },
     ->(answer) { check(answer, answer['first_name'] && answer['last_name']) }],
    ['profile set', -> { bot.call(:post, 'me/messenger_profile', { get_started: { payload: 'GO' }, greeting: [{ locale: 'default', text: 'Привет' }] }) }, done],
    ['profile unset', -> { bot.call(:delete, 'me/messenger_profile', { fields: %w[get_started greeting] }) }, done],
    ['persona', -> { persona = bot.call(:post, 'me/personas', { name: 'Майя', profile_picture_url: PICTURE })['id'] },
     ->(answer) { check(answer, answer =~ /\A\d+\z/) }],
    ['deliver as persona', -> { bot.deliver(psid, { text: 'Майя' }, { persona_id: persona }) }, sent],
    ['persona taken away', -> { bot.call(:delete, persona) }, success],
    ['error: nobody has this id', -> { bot.deliver('1', { text: 'Привет' }) }, refused(BadParameter, 100, 2018001)],
    ['error: empty text', -> { bot.deliver(psid, { text: '' }) }, refused(nil, 100)],
    ['error: bad token', -> { stranger.deliver(psid, { text: 'Привет' }) }, refused(AccessTokenError, 190)]
  ]
end

def make(call, expected)
  answer = call.()
rescue GraphError => e
  raise "#{e.class} #{e.code}/#{e.subcode}: #{e.message}" unless expected.is_a?(Array)

  kind, code, subcode = expected
  fits = e.code == code && [nil, e.subcode].include?(subcode) && (kind.nil? || e.is_a?(kind))
  raise "#{e.class} #{e.code}/#{e.subcode}, not #{expected}" unless fits
else
  raise "expected error #{expected}, got #{answer}" if expected.is_a?(Array)

  expected.(answer)
end

def walk(steps)
  failed = steps.reject do |name, call, expected|
    make(call, expected)
    puts "ok #{name}"
    true
  rescue StandardError => e
    puts "not ok #{name} - #{e.message}"
    false
  end
  puts failed.empty? ? 'all as wanted' : "#{failed.size} failed: #{failed.map(&:first).join('; ')}"
  failed.empty? ? 0 : 1
end

# Answers one request on the webhook's port; the PSID of somebody who wrote, or nil.
def receive(connection)
  method, target, = connection.gets.to_s.split
  headers = {}
  while (line = connection.gets) && line != "\r\n"
    key, value = line.chomp.split(': ', 2)
    headers[key.downcase] = value
  end
  body = connection.read(headers['content-length'].to_i)
  query = URI.decode_www_form(target.to_s.split('?', 2)[1].to_s).to_h
  signature = "sha1=#{OpenSSL::HMAC.hexdigest('SHA1', ENV.fetch('APP_SECRET'), body)}"
  status = '200 OK'
  answer = ''
  if method == 'GET'
    answer = query['hub.verify_token'] == ENV['VERIFY_TOKEN'] ? query['hub.challenge'] : 'Error; wrong verify token'
  elsif headers['x-hub-signature'] == signature
    event = JSON.parse(body).dig('entry', 0, 'messaging', 0) || {}
    message = event['message']
  else
    status = '400 Bad Request'
  end
  connection.write("HTTP/1.1 #{status}\r\nContent-Length: #{answer.bytesize}\r\nConnection: close\r\n\r\n#{answer}")
  connection.close
  message && message['text'] && !message['is_echo'] ? event['sender']['id'] : nil
end

$stdout.sync = true
listener = TCPServer.new('127.0.0.1', ENV.fetch('WEBHOOK_PORT').to_i)
begin
  psid = nil
  Timeout.timeout(60) { psid = receive(listener.accept) until psid }
rescue Timeout::Error
  puts 'not ok nobody wrote to the page within a minute'
  exit 1
end
Net::HTTP.start(BASE.host, BASE.port) do |line|
  token = ENV.fetch('PAGE_ACCESS_TOKEN')
  exit walk(steps(Bot.new(token, line), Bot.new('EAAnotatoken', line), psid))
end
