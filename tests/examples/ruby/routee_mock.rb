require "json"
require "net/http"

# A sandbox of a running mock, for one test.
class RouteeMock
  def initialize
    @url = ENV.fetch("ROUTEE_MOCK_URL", "http://127.0.0.1:8080")
    @made = ask("Post", "/_mock/sandboxes", clock: "manual")
  end

  # What configures the application.
  def env
    {
      "ROUTEE_AUTH_URL" => @url,
      "ROUTEE_API_URL" => @url,
      "ROUTEE_APPLICATION_ID" => @made["applicationId"],
      "ROUTEE_APPLICATION_SECRET" => @made["applicationSecret"]
    }
  end

  # Decide what happens to messages.
  def play(scenario) = control("Post", "/scenarios", scenario)

  # Let everything happen that is due. When it returns, every callback has its answer.
  def until_idle = control("Post", "/clock/advance", until: "idle")

  # What the mock says against an expectation; nil if it holds.
  def against(expectation)
    verdict = control("Post", "/verify", expect: [expectation])
    verdict["expectations"][0]["says"] unless verdict["ok"]
  end

  def close = control("Delete", "")

  private

  def control(method, path, body = nil) = ask(method, "/_mock/sandboxes/#{@made["id"]}#{path}", body)

  def ask(method, path, body = nil)
    uri = URI(@url + path)
    request = Net::HTTP.const_get(method).new(uri, "Content-Type" => "application/json")
    request.body = JSON.generate(body) if body
    reply = Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
    raise "#{method} #{path}: #{reply.body}" unless reply.is_a?(Net::HTTPSuccess)

    JSON.parse(reply.body) if reply.body
  end
end
