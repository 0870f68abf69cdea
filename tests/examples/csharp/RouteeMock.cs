using System.Net.Http.Json;
using System.Text.Json.Nodes;

/// <summary>A sandbox of a running mock, for one test.</summary>
public sealed class RouteeMock : IAsyncDisposable
{
    private static readonly string Url =
        Environment.GetEnvironmentVariable("ROUTEE_MOCK_URL") ?? "http://127.0.0.1:8080";
    private static readonly HttpClient Http = new();
    private readonly JsonNode _made;

    private RouteeMock(JsonNode made) => _made = made;

    public static async Task<RouteeMock> Create() =>
        new((await Ask(HttpMethod.Post, "/_mock/sandboxes", new { clock = "manual" }))!);

    /// <summary>What configures the application.</summary>
    public Dictionary<string, string> Env(string webhook) => new()
    {
        ["ROUTEE_AUTH_URL"] = Url,
        ["ROUTEE_API_URL"] = Url,
        ["ROUTEE_APPLICATION_ID"] = (string)_made["applicationId"]!,
        ["ROUTEE_APPLICATION_SECRET"] = (string)_made["applicationSecret"]!,
        ["WEBHOOK_URL"] = webhook,
    };

    /// <summary>Decides what happens to messages.</summary>
    public Task Play(object scenario) => Control(HttpMethod.Post, "/scenarios", scenario);

    /// <summary>Lets everything happen that is due. Then every callback has its answer.</summary>
    public Task UntilIdle() => Control(HttpMethod.Post, "/clock/advance", new { until = "idle" });

    /// <summary>What the mock says against an expectation; null if it holds.</summary>
    public async Task<string?> Against(object expectation)
    {
        var verdict = (await Control(HttpMethod.Post, "/verify", new { expect = new[] { expectation } }))!;
        return (bool)verdict["ok"]! ? null : (string)verdict["expectations"]![0]!["says"]!;
    }

    public async ValueTask DisposeAsync() => await Control(HttpMethod.Delete, "");

    private Task<JsonNode?> Control(HttpMethod method, string path, object? body = null) =>
        Ask(method, $"/_mock/sandboxes/{_made["id"]}{path}", body);

    private static async Task<JsonNode?> Ask(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, Url + path);
        request.Content = body is null ? null : JsonContent.Create(body);
        using var reply = await Http.SendAsync(request);
        var answer = await reply.Content.ReadAsStringAsync();
        if (!reply.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {answer}");
        }
        return answer.Length == 0 ? null : JsonNode.Parse(answer);
    }
}
