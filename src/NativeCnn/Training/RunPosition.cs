using System.Text;
using System.Text.Json;

namespace NativeCnn.Training;

/// <summary>
/// Where a run stands between two steps: with the parameters and what the optimiser keeps, all that its next step
/// depends on. Random numbers are counted, so that epoch, batch and <see cref="Masks"/> are their whole state.
/// </summary>
internal sealed record RunPosition
{
    private const int Version = 1;

    /// <summary>The epoch under way, from 1; one more than there are after the last.</summary>
    public required int Epoch { get; init; }

    /// <summary>What was done of it.</summary>
    public required EpochSums Sums { get; init; }

    /// <summary>The epochs before it.</summary>
    public required IReadOnlyList<EpochRecord> History { get; init; }

    /// <summary>The batches that the trainer was given in all its life, as messages count them.</summary>
    public required long Steps { get; init; }

    /// <summary>The optimiser's steps in the trainer's life, which Adam corrects its averages by.</summary>
    public required long Updates { get; init; }

    /// <summary>How many of those the run began after; schedules count from there.</summary>
    public required long FirstUpdate { get; init; }

    /// <summary>The number of the next dropout masks.</summary>
    public required double Masks { get; init; }

    /// <summary>The last epoch before which second derivatives were estimated; 0 for none.</summary>
    public required int EstimatedEpoch { get; init; }

    /// <summary>How long the finished epochs took.</summary>
    public required double FinishedSeconds { get; init; }

    /// <summary>How many examples they had.</summary>
    public required long FinishedExamples { get; init; }

    /// <summary>What the run is of, by name: a run that is resumed has the same.</summary>
    public required IReadOnlyList<RunTerm> Terms { get; init; }

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("epoch", Epoch);
            json.WriteNumber("step", Sums.Step);
            json.WriteNumber("examples", Sums.Examples);
            json.WriteNumber("loss", Sums.Loss);
            json.WriteNumber("weight", Sums.Weight);
            json.WriteNumber("correct", Sums.Correct);
            json.WriteNumber("seconds", Sums.Seconds);
            json.WriteNumber("steps", Steps);
            json.WriteNumber("updates", Updates);
            json.WriteNumber("first_update", FirstUpdate);
            json.WriteNumber("masks", Masks);
            json.WriteNumber("estimated_epoch", EstimatedEpoch);
            json.WriteNumber("finished_seconds", FinishedSeconds);
            json.WriteNumber("finished_examples", FinishedExamples);
            json.WriteStartObject("terms");
            foreach (RunTerm term in Terms)
                json.WriteString(term.Name, term.Value);
            json.WriteEndObject();
            json.WriteStartArray("history");
            foreach (EpochRecord record in History)
                Write(json, record);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static RunPosition Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement json = document.RootElement;
            int version = json.GetProperty("version").GetInt32();
            if (version != Version)
                throw new FormatException($"it has version {version}, and this program reads version {Version}");
            var position = new RunPosition
            {
                Epoch = json.GetProperty("epoch").GetInt32(),
                Sums = new EpochSums(
                    json.GetProperty("step").GetInt32(),
                    json.GetProperty("examples").GetInt32(),
                    json.GetProperty("loss").GetDouble(),
                    json.GetProperty("weight").GetDouble(),
                    json.GetProperty("correct").GetInt64(),
                    json.GetProperty("seconds").GetDouble()
                ),
                Steps = json.GetProperty("steps").GetInt64(),
                Updates = json.GetProperty("updates").GetInt64(),
                FirstUpdate = json.GetProperty("first_update").GetInt64(),
                Masks = json.GetProperty("masks").GetDouble(),
                EstimatedEpoch = json.GetProperty("estimated_epoch").GetInt32(),
                FinishedSeconds = json.GetProperty("finished_seconds").GetDouble(),
                FinishedExamples = json.GetProperty("finished_examples").GetInt64(),
                Terms =
                [
                    .. json.GetProperty("terms")
                        .EnumerateObject()
                        .Select(term => new RunTerm(term.Name, term.Value.GetString() ?? "")),
                ],
                History = [.. json.GetProperty("history").EnumerateArray().Select(ReadRecord)],
            };
            position.Check();
            return position;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private void Check()
    {
        if (
            Epoch != History.Count + 1
            || Sums is { Step: < 0 } or { Examples: < 0 }
            || Updates < 0
            || FirstUpdate < 0
            || FirstUpdate > Updates
            || !(Masks >= 0)
        )
            throw new FormatException("its numbers contradict each other");
    }

    private static void Write(Utf8JsonWriter json, EpochRecord record)
    {
        json.WriteStartArray();
        json.WriteNumberValue(record.Epoch);
        json.WriteNumberValue(record.TrainLoss);
        json.WriteNumberValue(record.TrainAccuracy);
        foreach (double? tested in (double?[])[record.TestLoss, record.TestAccuracy])
        {
            if (tested is { } value)
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        }
        json.WriteNumberValue(record.Seconds);
        json.WriteNumberValue(record.ImagesPerSecond);
        json.WriteEndArray();
    }

    private static EpochRecord ReadRecord(JsonElement json)
    {
        if (json.GetArrayLength() != 7)
            throw new FormatException("an epoch of its history is not whole");
        double? Tested(int i) => json[i].ValueKind == JsonValueKind.Null ? null : json[i].GetDouble();
        return new EpochRecord(
            json[0].GetInt32(),
            json[1].GetDouble(),
            json[2].GetDouble(),
            Tested(3),
            Tested(4),
            json[5].GetDouble(),
            json[6].GetDouble()
        );
    }
}
