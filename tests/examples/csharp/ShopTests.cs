using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

public class ShopTests
{
    [Fact]
    public async Task AnSmsFollowsWhenViberExpires()
    {
        await using var routee = await RouteeMock.Create();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var web = builder.Build();
        Shop? shop = null;
        web.MapPost("/routee", (JsonNode flow) =>
        {
            shop!.Called(flow);
            return Results.NoContent();
        });
        await web.StartAsync();
        shop = new Shop(routee.Env(web.Urls.First() + "/routee"));

        await routee.Play(new { name = "no-viber", when = new { to = "*" }, viber = "expired", sms = "delivered" });
        var trackingId = await shop.Ready("+306900000000");
        await routee.UntilIdle();

        Assert.Equal("Succeeded", shop.Status(trackingId));
        var heard = new[] { "Viber EXPIRED", "Sms Delivered" };
        Assert.Null(await routee.Against(new { flow = new { trackingId }, heard }));
    }
}
