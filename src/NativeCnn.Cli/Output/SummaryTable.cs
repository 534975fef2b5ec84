using NativeCnn.Networks;
using Spectre.Console;

namespace NativeCnn.Cli.Output;

/// <summary>A network's layers as a table or as JSON.</summary>
internal static class SummaryTable
{
    public static void Print(CommandOutput output, Network network, NetworkSummary summary, int batch)
    {
        Table table = new()
        {
            Border = TableBorder.Simple,
            Title = new TableTitle(Markup.Escape($"{network.Name}, input {network.InputShape.WithBatchSize(batch)}")),
            ShowFooters = true,
        };
        table.AddColumn(new TableColumn("layer").Footer("total"));
        table.AddColumn("kind");
        table.AddColumn("output shape");
        table.AddColumn(new TableColumn("parameters").RightAligned().Footer(Figures.Count(summary.Parameters)));
        table.AddColumn(new TableColumn("multiply-adds").RightAligned().Footer(Figures.Count(summary.MultiplyAdds)));
        table.AddColumn(new TableColumn("output memory").RightAligned());
        foreach (LayerSummary layer in summary.Layers)
        {
            table.AddRow(
                Markup.Escape(layer.Name),
                Markup.Escape(layer.Kind),
                layer.OutputShape.ToString(),
                Figures.Count(layer.Parameters),
                Figures.Count(layer.MultiplyAdds),
                Figures.Bytes(layer.Bytes)
            );
        }
        output.Text.Write(table);
        PrintMemory(output, "training ", summary.Training);
        PrintMemory(output, "inference", summary.Inference);
    }

    public static void PrintJson(Network network, NetworkSummary summary, int batch) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", network.Name);
            json.WriteNumber("batch", batch);
            json.WriteStartArray("layers");
            foreach (LayerSummary layer in summary.Layers)
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Name);
                json.WriteString("kind", layer.Kind);
                json.WriteStartArray("output_shape");
                json.WriteNumberValue(layer.OutputShape.BatchSize);
                json.WriteNumberValue(layer.OutputShape.Height);
                json.WriteNumberValue(layer.OutputShape.Width);
                json.WriteNumberValue(layer.OutputShape.Channels);
                json.WriteEndArray();
                json.WriteNumber("parameters", layer.Parameters);
                json.WriteNumber("state", layer.State);
                json.WriteNumber("multiply_adds", layer.MultiplyAdds);
                json.WriteNumber("bytes", layer.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("parameters", summary.Parameters);
            json.WriteNumber("state", summary.State);
            json.WriteNumber("multiply_adds", summary.MultiplyAdds);
            json.WriteNumber("training_bytes", summary.Training.Total);
            json.WriteNumber("training_scratch_bytes", summary.Training.Scratch);
            json.WriteNumber("inference_bytes", summary.Inference.Total);
            json.WriteNumber("inference_scratch_bytes", summary.Inference.Scratch);
        });

    private static void PrintMemory(CommandOutput output, string purpose, NetworkMemory memory) =>
        output.Line(
            $"Memory for {purpose}  {Figures.Bytes(memory.Total)}, of which kernels' scratch {Figures.Bytes(memory.Scratch)}"
        );
}
