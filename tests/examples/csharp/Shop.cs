using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

/// <summary>Tells customers that their order is ready. It knows nothing of the mock.</summary>
/// <param name="settings">ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds us.</param>
public sealed class Shop(IReadOnlyDictionary<string, string> settings)
{
    private static readonly HttpClient Http = new();
    private readonly ConcurrentDictionary<string, string> _statuses = new();

    /// <summary>Tells a customer that the order is ready, and returns the trackingId of the flow.</summary>
    public async Task<string> Ready(string phone)
    {
        const string Text = "It is ready.";
        var body = new
        {
            flow = new object[]
            {
                new { type = "Viber", to = phone, senderInfoTrackingId = "shop", message = new { text = Text } },
                new { type = "Sms", to = phone, @from = "Shop", message = new { body = Text } },
            },
            callback = new { strategy = "OnStep", url = settings["WEBHOOK_URL"] },
        };
        var bearer = new AuthenticationHeaderValue("Bearer", await Token());
        var flow = await Post(settings["ROUTEE_API_URL"] + "/failover", bearer, JsonContent.Create(body));
        return (string)flow["trackingId"]!;
    }

    public string? Status(string trackingId) => _statuses.GetValueOrDefault(trackingId);

    /// <summary>What the webhook does.</summary>
    public void Called(JsonNode flow) => _statuses[(string)flow["trackingId"]!] = (string)flow["status"]!;

    private async Task<string> Token()
    {
        var pair = $"{settings["ROUTEE_APPLICATION_ID"]}:{settings["ROUTEE_APPLICATION_SECRET"]}";
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials" });
        var login = await Post(settings["ROUTEE_AUTH_URL"] + "/oauth/token", basic, form);
        return (string)login["access_token"]!;
    }

    private static async Task<JsonNode> Post(string url, AuthenticationHeaderValue authorization, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Authorization = authorization;
        using var reply = await Http.SendAsync(request);
        reply.EnsureSuccessStatusCode();
        return (await reply.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
