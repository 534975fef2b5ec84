using System.CommandLine;
using NativeCnn.Cli.Downloads;
using NativeCnn.Cli.Output;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn download</c>: fetches a well-known data set into a folder.</summary>
internal sealed class DownloadCommand : Command
{
    private readonly Argument<string> _name = new("SET")
    {
        Description =
            string.Join(", ", RemoteDataset.Known.SkipLast(1).Select(set => set.Name))
            + $" or {RemoteDataset.Known[^1].Name}",
    };
    private readonly Argument<string> _folder = new("DIR") { Description = "Where it is put; made if it is missing." };
    private readonly Option<string> _from = new("--from")
    {
        Description = "Another place that has the same files [default: their authors']",
        HelpName = "URL",
    };

    public DownloadCommand()
        : base("download", "Fetches a data set, goes on where it was interrupted, and checks what has come.")
    {
        Add(_name);
        Add(_folder);
        Add(_from);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_name);
        RemoteDataset set =
            RemoteDataset.Known.FirstOrDefault(known => known.Name == name)
            ?? throw CommandException.Usage($"'{name}' is no data set that can be fetched. Use {_name.Description}.");
        Uri place = PlaceOf(arguments.GetValue(_from) ?? set.Address);
        string folder = arguments.GetRequiredValue(_folder);
        CancellationToken interruption = Interruption.Handled();
        OutputFolder.Prepare(folder, "Choose another folder.");
        CommandOutput output = new(json: false);
        // Each answer has a patience of its own.
        using HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("nativecnn");
        try
        {
            FetchAsync(client, set, place, folder, output, interruption).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e) when (interruption.IsCancellationRequested)
        {
            throw new CommandException(
                $"interrupted. What has come of {name} is kept; the same command goes on there.",
                ExitCodes.Interrupted,
                e
            );
        }
        output.Line($"Use it with --data {set.Data}:{folder}");
        return ExitCodes.Success;
    }

    /// <summary>Fetches and unpacks what is missing of a set.</summary>
    internal static async Task FetchAsync(
        HttpClient client,
        RemoteDataset set,
        Uri place,
        string folder,
        CommandOutput output,
        CancellationToken cancellation
    )
    {
        Download download = new(client, folder);
        foreach (RemoteFile file in set.Files)
        {
            if (file.Content is { } content && Directory.Exists(Path.Combine(folder, content)))
            {
                output.Line($"{content} is there");
                continue;
            }
            Uri address = new(place, file.Name);
            output.Line($"{file.Name} from {address.Host}");
            string path = await download.FetchAsync(address, file, cancellation);
            if (file.Content is null)
                continue;
            ArchiveContent.Unpack(path, folder, file.Content);
            File.Delete(path);
        }
    }

    private static Uri PlaceOf(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? place)
        && place.Scheme is ("http" or "https")
            ? place
            : throw CommandException.Usage($"--from {text} is no address that begins with http:// or https://.");
}
