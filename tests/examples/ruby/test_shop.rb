require "minitest/autorun"
require "stringio"
require "webrick"
require_relative "routee_mock"
require_relative "shop"

class ShopTest < Minitest::Test
  def setup
    @routee = RouteeMock.new
    @server = WEBrick::HTTPServer.new(Port: 0, BindAddress: "127.0.0.1", AccessLog: [], Logger: WEBrick::Log.new(nil, 0))
    @shop = Shop.new(@routee.env.merge("WEBHOOK_URL" => "http://127.0.0.1:#{@server.config[:Port]}/routee"))
    @server.mount_proc("/routee") do |request, reply|
      reply.status, = @shop.call("rack.input" => StringIO.new(request.body))
    end
    @thread = Thread.new { @server.start }
  end

  def teardown
    @server.shutdown
    @thread.join
    @routee.close
  end

  def test_an_sms_follows_when_viber_expires
    @routee.play(name: "no-viber", when: { to: "*" }, viber: "expired", sms: "delivered")
    tracking_id = @shop.ready("+306900000000")
    @routee.until_idle
    assert_equal "Succeeded", @shop.status(tracking_id)
    assert_nil @routee.against(flow: { trackingId: tracking_id }, heard: ["Viber EXPIRED", "Sms Delivered"])
  end
end
