require "json"
require "net/http"

# Tells customers that their order is ready. It knows nothing of the mock.
class Shop
  # settings: ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds us; ENV in production.
  def initialize(settings)
    @settings = settings
    @statuses = {}
  end

  # Tell a customer that the order is ready, and return the trackingId of the flow.
  def ready(phone)
    text = "It is ready."
    body = {
      flow: [
        { type: "Viber", to: phone, senderInfoTrackingId: "shop", message: { text: text } },
        { type: "Sms", to: phone, from: "Shop", message: { body: text } }
      ],
      callback: { strategy: "OnStep", url: @settings["WEBHOOK_URL"] }
    }
    request = Net::HTTP::Post.new(URI("#{@settings["ROUTEE_API_URL"]}/failover"), "Content-Type" => "application/json")
    request["Authorization"] = "Bearer #{token}"
    request.body = JSON.generate(body)
    fetch(request)["trackingId"]
  end

  def status(tracking_id) = @statuses[tracking_id]

  # The webhook, as a Rack application.
  def call(env)
    flow = JSON.parse(env["rack.input"].read)
    @statuses[flow["trackingId"]] = flow["status"]
    [204, {}, []]
  end

  private

  def token
    request = Net::HTTP::Post.new(URI("#{@settings["ROUTEE_AUTH_URL"]}/oauth/token"))
    request.basic_auth(@settings["ROUTEE_APPLICATION_ID"], @settings["ROUTEE_APPLICATION_SECRET"])
    request.set_form_data(grant_type: "client_credentials")
    fetch(request)["access_token"]
  end

  def fetch(request)
    uri = request.uri
    reply = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
    raise "Routee answered #{reply.code}: #{reply.body}" unless reply.is_a?(Net::HTTPSuccess)

    JSON.parse(reply.body)
  end
end
